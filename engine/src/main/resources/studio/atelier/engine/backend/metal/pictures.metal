// What models of pictures do between convolutions and attention. Pictures are [Y, X, C].

constant uint IDENTITY = 0;
constant uint SILU = 1;
constant uint GELU = 2;
constant uint MODULATE = 3;
constant uint ADD_GATED = 4;
constant uint MOST_GROUPS = 256;
constant uint THREADS = 256;

// Abramowitz and Stegun 7.1.26, off by at most 1.5e-7.
inline float error_function(float x) {
    const float t = 1.0f / (1.0f + 0.3275911f * fabs(x));
    const float series = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    const float size = 1.0f - series * exp(-x * x);
    return x < 0.0f ? -size : size;
}

inline float activated(float x, uint activation) {
    if (activation == SILU) return x / (1.0f + exp(-x));
    if (activation == GELU) return 0.5f * x * (1.0f + error_function(x * 0.70710678f));
    return x;
}

// Of all threads of a threadgroup of 256.
inline float sum_of_threadgroup(float x, threadgroup float* room, uint index, uint simdgroup, uint lane) {
    const float sum = simd_sum(x);
    if (lane == 0u) room[simdgroup] = sum;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    float all = 0.0f;
    for (uint i = 0; i < THREADS / LANES; i++) all += room[i];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return all;
}

struct GroupNormParameters {
    uint rows;        // pixels
    uint channels;
    uint size;        // channels of a group
    uint rowsOfPart;
    uint parts;
    float epsilon;
    uint activation;
};

// Mean, and sum of squared distances from it, of one group in some of the rows.
kernel void group_moments(device const float* x [[buffer(0)]], device float* moments [[buffer(1)]],
                          constant GroupNormParameters& p [[buffer(2)]], uint2 group [[threadgroup_position_in_grid]],
                          uint index [[thread_index_in_threadgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]],
                          uint lane [[thread_index_in_simdgroup]]) {
    threadgroup float room[THREADS / LANES];
    const uint first = group.y * p.rowsOfPart;
    const uint rows = min(p.rowsOfPart, p.rows - first);
    const uint count = rows * p.size;
    device const float* part = x + ulong(first) * p.channels + group.x * p.size;
    float sum = 0.0f;
    for (uint i = index; i < count; i += THREADS) sum += part[ulong(i / p.size) * p.channels + i % p.size];
    const float mean = sum_of_threadgroup(sum, room, index, simdgroup, lane) / float(count);
    float squares = 0.0f;
    for (uint i = index; i < count; i += THREADS) {
        const float distance = part[ulong(i / p.size) * p.channels + i % p.size] - mean;
        squares += distance * distance;
    }
    squares = sum_of_threadgroup(squares, room, index, simdgroup, lane);
    if (index == 0u) {
        device float* to = moments + 2u * (group.x * p.parts + group.y);
        to[0] = mean;
        to[1] = squares;
    }
}

// Joins the parts (Chan et al. 1979), then norms as many rows as the grid leaves for each threadgroup.
kernel void group_norm(device const float* x [[buffer(0)]], device const float* moments [[buffer(1)]],
                       device const float* weight [[buffer(2)]], device const float* bias [[buffer(3)]],
                       device float* y [[buffer(4)]], constant GroupNormParameters& p [[buffer(5)]],
                       uint group [[threadgroup_position_in_grid]], uint groups [[threadgroups_per_grid]],
                       uint index [[thread_index_in_threadgroup]]) {
    threadgroup float means[MOST_GROUPS];
    threadgroup float inverses[MOST_GROUPS];
    const uint kinds = p.channels / p.size;
    for (uint g = index; g < kinds; g += THREADS) {
        device const float* parts = moments + 2u * g * p.parts;
        float mean = 0.0f;
        for (uint i = 0; i < p.parts; i++) {
            const float share = float(min(p.rowsOfPart, p.rows - i * p.rowsOfPart)) / float(p.rows);
            mean += share * parts[2u * i];
        }
        float variance = 0.0f;
        for (uint i = 0; i < p.parts; i++) {
            const float rows = float(min(p.rowsOfPart, p.rows - i * p.rowsOfPart));
            const float distance = parts[2u * i] - mean;
            variance += parts[2u * i + 1u] / (float(p.rows) * float(p.size)) + rows / float(p.rows) * distance * distance;
        }
        means[g] = mean;
        inverses[g] = precise::rsqrt(variance + p.epsilon);
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    const uint each = (p.rows + groups - 1u) / groups;
    const uint first = min(p.rows, group * each);
    const uint last = min(p.rows, first + each);
    for (uint i = index; i < (last - first) * p.channels; i += THREADS) {
        const uint c = i % p.channels;
        const uint g = c / p.size;
        const ulong at = ulong(first) * p.channels + i;
        y[at] = activated((x[at] - means[g]) * inverses[g] * weight[c] + bias[c], p.activation);
    }
}

struct LayerNormParameters {
    uint rows;
    uint width;
    uint stride;
    float epsilon;
    uint weighted;
    uint biased;
};

// One simdgroup per row.
kernel void layer_norm(device const float* x [[buffer(0)]], device const float* weight [[buffer(1)]],
                       device const float* bias [[buffer(2)]], device float* y [[buffer(3)]],
                       constant LayerNormParameters& p [[buffer(4)]], uint group [[threadgroup_position_in_grid]],
                       uint simdgroup [[simdgroup_index_in_threadgroup]], uint simdgroups [[simdgroups_per_threadgroup]],
                       uint lane [[thread_index_in_simdgroup]]) {
    const uint row = group * simdgroups + simdgroup;
    if (row >= p.rows) return;
    device const float* from = x + ulong(row) * p.stride;
    float sum = 0.0f;
    for (uint i = lane; i < p.width; i += LANES) sum += from[i];
    const float mean = simd_sum(sum) / float(p.width);
    float squares = 0.0f;
    for (uint i = lane; i < p.width; i += LANES) squares += (from[i] - mean) * (from[i] - mean);
    const float inverse = precise::rsqrt(simd_sum(squares) / float(p.width) + p.epsilon);
    for (uint i = lane; i < p.width; i += LANES) {
        float number = (from[i] - mean) * inverse;
        if (p.weighted != 0u) number *= weight[i];
        if (p.biased != 0u) number += bias[i];
        y[ulong(row) * p.width + i] = number;
    }
}

struct ElementsParameters {
    uint count;
    uint width;
    uint kind;
};

kernel void change_elements(device const float* x [[buffer(0)]], device const float* other [[buffer(1)]],
                            device const float* factor [[buffer(2)]], device const float* addend [[buffer(3)]],
                            device float* y [[buffer(4)]], constant ElementsParameters& p [[buffer(5)]],
                            uint group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]]) {
    const uint i = group * THREADS + index;
    if (i >= p.count) return;
    if (p.kind == MODULATE) y[i] = x[i] * (1.0f + factor[i % p.width]) + addend[i % p.width];
    else if (p.kind == ADD_GATED) y[i] = x[i] + factor[i % p.width] * other[i];
    else y[i] = activated(x[i], p.kind);
}

struct DoubleParameters {
    uint count;     // of the result
    uint width;     // of x
    uint channels;
};

kernel void double_pixels(device const float* x [[buffer(0)]], device float* y [[buffer(1)]],
                          constant DoubleParameters& p [[buffer(2)]], uint group [[threadgroup_position_in_grid]],
                          uint index [[thread_index_in_threadgroup]]) {
    const uint i = group * THREADS + index;
    if (i >= p.count) return;
    const uint pixel = i / p.channels;
    const uint column = pixel % (2u * p.width) / 2u;
    const uint row = pixel / (2u * p.width) / 2u;
    y[i] = x[(row * p.width + column) * p.channels + i % p.channels];
}

struct TurnParameters {
    uint count;  // of pairs in all
    uint pairs;  // of a head
    uint heads;
};

// Neighbours 2i and 2i + 1, all heads of a row alike.
kernel void turn_pairs(device const float* x [[buffer(0)]], device const float* cosines [[buffer(1)]],
                       device const float* sines [[buffer(2)]], device float* y [[buffer(3)]],
                       constant TurnParameters& p [[buffer(4)]], uint group [[threadgroup_position_in_grid]],
                       uint index [[thread_index_in_threadgroup]]) {
    const uint i = group * THREADS + index;
    if (i >= p.count) return;
    const uint angle = i / (p.pairs * p.heads) * p.pairs + i % p.pairs;
    const float a = x[2u * i];
    const float b = x[2u * i + 1u];
    y[2u * i] = a * cosines[angle] - b * sines[angle];
    y[2u * i + 1u] = a * sines[angle] + b * cosines[angle];
}

struct CopyParameters {
    uint count;
};

kernel void copy_elements(device const float* x [[buffer(0)]], device float* y [[buffer(1)]],
                          constant CopyParameters& p [[buffer(2)]], uint group [[threadgroup_position_in_grid]],
                          uint index [[thread_index_in_threadgroup]]) {
    const uint i = group * THREADS + index;
    if (i < p.count) y[i] = x[i];
}
