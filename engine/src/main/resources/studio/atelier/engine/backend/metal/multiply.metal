// Products with few rows of x: every weight is read once.

constant uint ROWS = 4;  // of a matrix, per simdgroup

struct MultiplyParameters {
    uint xStride;
    float epsilon;
    uint residualStride;
    uint matrices;
    uint biasMask;  // which of the matrices has a bias
    Matrix matrix[3];
};

// Up to three matrices that look at the same x, one below the other in the grid.
kernel void multiply(device const uchar* values0 [[buffer(0)]], device const uchar* scales0 [[buffer(1)]],
                     device const uchar* biases0 [[buffer(2)]], device const uchar* values1 [[buffer(3)]],
                     device const uchar* scales1 [[buffer(4)]], device const uchar* biases1 [[buffer(5)]],
                     device const uchar* values2 [[buffer(6)]], device const uchar* scales2 [[buffer(7)]],
                     device const uchar* biases2 [[buffer(8)]], device const float* x [[buffer(9)]],
                     device const float* normWeight [[buffer(10)]], device const float* residual [[buffer(11)]],
                     device const float* addend0 [[buffer(12)]], device const float* addend1 [[buffer(13)]],
                     device const float* addend2 [[buffer(14)]], device float* y0 [[buffer(15)]],
                     device float* y1 [[buffer(16)]], device float* y2 [[buffer(17)]],
                     constant MultiplyParameters& p [[buffer(18)]], uint group [[threadgroup_position_in_grid]],
                     uint simdgroup [[simdgroup_index_in_threadgroup]], uint simdgroups [[simdgroups_per_threadgroup]],
                     uint lane [[thread_index_in_simdgroup]]) {
    uint block = group * simdgroups + simdgroup;
    uint which = 0;
    while (which + 1u < p.matrices && block >= (p.matrix[which].rows + ROWS - 1u) / ROWS) {
        block -= (p.matrix[which].rows + ROWS - 1u) / ROWS;
        which++;
    }
    device const uchar* values = which == 0u ? values0 : which == 1u ? values1 : values2;
    device const uchar* scales = which == 0u ? scales0 : which == 1u ? scales1 : scales2;
    device const uchar* biases = which == 0u ? biases0 : which == 1u ? biases1 : biases2;
    device float* y = which == 0u ? y0 : which == 1u ? y1 : y2;
    device const float* addend = which == 0u ? addend0 : which == 1u ? addend1 : addend2;
    constant Matrix& m = p.matrix[which];
    values += joined(m.valuesLow, m.valuesHigh);
    scales += joined(m.scalesLow, m.scalesHigh);
    biases += joined(m.biasesLow, m.biasesHigh);
    const uint first = block * ROWS;
    float sums[ROWS * 8];
    float squares[8];
    for (uint i = 0; i < ROWS * 8u; i++) sums[i] = 0.0f;
    for (uint l = 0; l < 8u; l++) squares[l] = 0.0f;
    for (uint k = lane * 8u; k < m.columns; k += LANES * 8u) {
        for (uint l = 0; l < LENGTH; l++) {
            float part[8];
            numbers(x + l * p.xStride, k, m.columns, part);
            if (NORM != 0u) {
                float factor[8];
                numbers(normWeight, k, m.columns, factor);
                for (uint i = 0; i < 8u; i++) {
                    squares[l] += part[i] * part[i];
                    part[i] *= factor[i];
                }
            }
            float sum = 0.0f;
            for (uint i = 0; i < 8u; i++) sum += part[i];
            for (uint r = 0; r < ROWS; r++) {
                if (first + r < m.rows) {
                    sums[l * ROWS + r] += partial_product(m, m.firstRow, values, scales, biases, first + r, k, part, sum);
                }
            }
        }
    }
    for (uint l = 0; l < LENGTH; l++) {
        float factor = 1.0f;
        if (NORM != 0u) factor = precise::rsqrt(simd_sum(squares[l]) / float(m.columns) + p.epsilon);
        for (uint r = 0; r < ROWS; r++) {
            float sum = simd_sum(sums[l * ROWS + r]) * factor;
            if (lane == 0u && first + r < m.rows) {
                if (BIAS != 0u && (p.biasMask >> which & 1u) != 0u) sum += addend[first + r];
                if (RESIDUAL != 0u) sum += residual[l * p.residualStride + first + r];
                y[l * m.rows + first + r] = sum;
            }
        }
    }
}

struct EachParameters {
    uint heads;
    uint positions;
    uint xStride;
    Matrix matrix;  // of all heads; offsets come from the table
};

// Each head by its own matrix: y_h = x_h W_hT. A table has the offsets of values, scales and biases and the first row per head.
kernel void multiply_each(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                          device const uchar* biases [[buffer(2)]], device const ulong* table [[buffer(3)]],
                          device const float* x [[buffer(4)]], device float* y [[buffer(5)]],
                          constant EachParameters& p [[buffer(6)]], uint3 group [[threadgroup_position_in_grid]],
                          uint simdgroup [[simdgroup_index_in_threadgroup]],
                          uint simdgroups [[simdgroups_per_threadgroup]], uint lane [[thread_index_in_simdgroup]]) {
    const uint head = group.y;
    const uint item = group.z * p.heads + head;
    const uint first = (group.x * simdgroups + simdgroup) * ROWS;
    device const uchar* v = values + table[head * 4u];
    device const uchar* s = scales + table[head * 4u + 1u];
    device const uchar* b = biases + table[head * 4u + 2u];
    float sums[ROWS];
    for (uint r = 0; r < ROWS; r++) sums[r] = 0.0f;
    for (uint k = lane * 8u; k < p.matrix.columns; k += LANES * 8u) {
        float part[8];
        numbers(x + ulong(item) * p.xStride, k, p.matrix.columns, part);
        float sum = 0.0f;
        for (uint i = 0; i < 8u; i++) sum += part[i];
        for (uint r = 0; r < ROWS; r++) {
            if (first + r < p.matrix.rows) sums[r] += partial_product(p.matrix, uint(table[head * 4u + 3u]), v, s, b, first + r, k, part, sum);
        }
    }
    for (uint r = 0; r < ROWS; r++) {
        const float sum = simd_sum(sums[r]);
        if (lane == 0u && first + r < p.matrix.rows) y[ulong(item) * p.matrix.rows + first + r] = sum;
    }
}

// The other way round, y_h = x_h W_h: a lane owns eight columns and walks down the rows.
kernel void multiply_each_transposed(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                                     device const uchar* biases [[buffer(2)]], device const ulong* table [[buffer(3)]],
                                     device const float* x [[buffer(4)]], device float* y [[buffer(5)]],
                                     constant EachParameters& p [[buffer(6)]],
                                     uint3 group [[threadgroup_position_in_grid]],
                                     uint lane [[thread_index_in_simdgroup]]) {
    const uint head = group.y;
    const uint item = group.z * p.heads + head;
    const uint k = (group.x * LANES + lane) * 8u;
    device const uchar* v = values + table[head * 4u];
    device const uchar* s = scales + table[head * 4u + 1u];
    device const uchar* b = biases + table[head * 4u + 2u];
    if (k >= p.matrix.columns) return;
    float sums[8];
    for (uint i = 0; i < 8u; i++) sums[i] = 0.0f;
    for (uint r = 0; r < p.matrix.rows; r++) {
        float w[8];
        weights(p.matrix, uint(table[head * 4u + 3u]), v, s, b, r, k, w);
        const float factor = x[ulong(item) * p.xStride + r];
        for (uint i = 0; i < 8u; i++) sums[i] += factor * w[i];
    }
    for (uint i = 0; i < 8u; i++) {
        if (k + i < p.matrix.columns) y[ulong(item) * p.matrix.columns + k + i] = sums[i];
    }
}

struct EmbedParameters {
    Matrix matrix;
};

// Rows of a table, one threadgroup each.
kernel void embed(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                  device const uchar* biases [[buffer(2)]], device const uint* tokens [[buffer(3)]],
                  device float* y [[buffer(4)]], constant EmbedParameters& p [[buffer(5)]],
                  uint position [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                  uint3 size [[threads_per_threadgroup]]) {
    device const uchar* v = values + joined(p.matrix.valuesLow, p.matrix.valuesHigh);
    device const uchar* s = scales + joined(p.matrix.scalesLow, p.matrix.scalesHigh);
    device const uchar* b = biases + joined(p.matrix.biasesLow, p.matrix.biasesHigh);
    for (uint k = index * 8u; k < p.matrix.columns; k += size.x * 8u) {
        float w[8];
        weights(p.matrix, p.matrix.firstRow, v, s, b, tokens[position], k, w);
        for (uint i = 0; i < 8u; i++) {
            if (k + i < p.matrix.columns) y[ulong(position) * p.matrix.columns + k + i] = w[i];
        }
    }
}
