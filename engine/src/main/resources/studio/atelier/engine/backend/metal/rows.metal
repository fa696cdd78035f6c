// What happens to rows on their way: norm, rotary positions, and where they are laid.

struct Job {
    uint rows;             // 0: the job is empty
    uint rowsPerPosition;
    uint width;
    uint sourceStride;
    uint targetStride;
    uint targetAt;         // elements before the first row
    uint positionWidth;    // elements that a position takes in a cache, 0 when the target is none
    uint norm;
    float epsilon;
    uint pairs;            // that turn
    uint interleaved;      // pairs are neighbours, else halves
    uint toCache;          // the target has the cache's type
};

struct RowsParameters {
    Job job[3];
};

inline void put(device uchar* target, uint toCache, ulong at, float number) {
    if (toCache != 0u && HALF_CACHE != 0u) ((device half*)target)[at] = half(number);
    else ((device float*)target)[at] = number;
}

// One simdgroup per row.
inline void arrange_row(constant Job& job, uint row, uint lane, device const float* source, device const float* normWeight,
                        device const float* turns, device uchar* target, uint position) {
    device const float* x = source + ulong(row) * job.sourceStride;
    float factor = 1.0f;
    if (job.norm != 0u) {
        float square = 0.0f;
        for (uint i = lane; i < job.width; i += LANES) square += x[i] * x[i];
        factor = precise::rsqrt(simd_sum(square) / float(job.width) + job.epsilon);
    }
    const ulong at = job.targetAt + ulong(position) * job.positionWidth + ulong(row) * job.targetStride;
    const uint turned = 2u * job.pairs;
    device const float* angles = turns + row / job.rowsPerPosition * turned;
    for (uint pair = lane; pair < job.pairs; pair += LANES) {
        const uint first = job.interleaved != 0u ? 2u * pair : pair;
        const uint second = job.interleaved != 0u ? 2u * pair + 1u : pair + job.pairs;
        float a = x[first] * factor;
        float b = x[second] * factor;
        if (job.norm != 0u) {
            a *= normWeight[first];
            b *= normWeight[second];
        }
        const float cosine = angles[2u * pair];
        const float sine = angles[2u * pair + 1u];
        put(target, job.toCache, at + first, a * cosine - b * sine);
        put(target, job.toCache, at + second, a * sine + b * cosine);
    }
    for (uint i = turned + lane; i < job.width; i += LANES) {
        float number = x[i] * factor;
        if (job.norm != 0u) number *= normWeight[i];
        put(target, job.toCache, at + i, number);
    }
}

// Up to three jobs, one below the other in the grid.
kernel void arrange(device const float* source0 [[buffer(0)]], device const float* norm0 [[buffer(1)]],
                    device const float* turns0 [[buffer(2)]], device uchar* target0 [[buffer(3)]],
                    device const float* source1 [[buffer(4)]], device const float* norm1 [[buffer(5)]],
                    device const float* turns1 [[buffer(6)]], device uchar* target1 [[buffer(7)]],
                    device const float* source2 [[buffer(8)]], device const float* norm2 [[buffer(9)]],
                    device const float* turns2 [[buffer(10)]], device uchar* target2 [[buffer(11)]],
                    constant RowsParameters& p [[buffer(12)]], device const uint* firstPosition [[buffer(13)]],
                    uint group [[threadgroup_position_in_grid]],
                    uint simdgroup [[simdgroup_index_in_threadgroup]],
                    uint simdgroups [[simdgroups_per_threadgroup]], uint lane [[thread_index_in_simdgroup]]) {
    const uint row = group * simdgroups + simdgroup;
    const uint second = p.job[0].rows;
    const uint third = second + p.job[1].rows;
    if (row < second) arrange_row(p.job[0], row, lane, source0, norm0, turns0, target0, firstPosition[0]);
    else if (row < third) arrange_row(p.job[1], row - second, lane, source1, norm1, turns1, target1, firstPosition[0]);
    else if (row < third + p.job[2].rows) arrange_row(p.job[2], row - third, lane, source2, norm2, turns2, target2, firstPosition[0]);
}

struct ElementsParameters {
    uint count;
    float limit;
    float slope;
};

kernel void add(device const float* a [[buffer(0)]], device const float* b [[buffer(1)]], device float* y [[buffer(2)]],
                constant ElementsParameters& p [[buffer(3)]], uint group [[threadgroup_position_in_grid]],
                uint index [[thread_index_in_threadgroup]], uint3 size [[threads_per_threadgroup]]) {
    const uint i = group * size.x + index;
    if (i < p.count) y[i] = a[i] + b[i];
}

kernel void join_gate(device const float* gate [[buffer(0)]], device const float* up [[buffer(1)]],
                      device float* y [[buffer(2)]], constant ElementsParameters& p [[buffer(3)]],
                      uint group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                      uint3 size [[threads_per_threadgroup]]) {
    const uint i = group * size.x + index;
    if (i < p.count) y[i] = gated(gate[i], up[i], p.limit, p.slope);
}
