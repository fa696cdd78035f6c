// Products with many rows of x, on 8 x 8 matrices: a threadgroup of four simdgroups makes 32 x 32 results.

constant uint TILE = 32;

struct TileParameters {
    uint xStride;
    uint length;  // rows of x
    uint residualStride;
    Matrix matrix;
};

// Adds 32 columns of k to a simdgroup's 16 x 16 results.
inline void accumulate(threadgroup const float* left, threadgroup const float* right, uint simdgroup,
                       thread simdgroup_float8x8* sums) {
    const uint rowAt = simdgroup / 2u * 16u;
    const uint columnAt = simdgroup % 2u * 16u;
    for (uint k = 0; k < TILE; k += 8u) {
        simdgroup_float8x8 a[2];
        simdgroup_float8x8 b[2];
        for (uint i = 0; i < 2u; i++) {
            simdgroup_load(a[i], left + (rowAt + 8u * i) * TILE + k, TILE);
            simdgroup_load(b[i], right + (columnAt + 8u * i) * TILE + k, TILE, ulong2(0, 0), true);
        }
        for (uint i = 0; i < 2u; i++) {
            for (uint j = 0; j < 2u; j++) simdgroup_multiply_accumulate(sums[2u * i + j], a[i], b[j], sums[2u * i + j]);
        }
    }
}

inline void unload(thread simdgroup_float8x8* sums, uint simdgroup, threadgroup float* tile) {
    const uint rowAt = simdgroup / 2u * 16u;
    const uint columnAt = simdgroup % 2u * 16u;
    for (uint i = 0; i < 2u; i++) {
        for (uint j = 0; j < 2u; j++) {
            simdgroup_store(sums[2u * i + j], tile + (rowAt + 8u * i) * TILE + columnAt + 8u * j, TILE);
        }
    }
}

// 32 rows and 32 columns of a matrix, eight numbers per thread.
inline void load_weights(constant Matrix& m, uint firstRow, device const uchar* v, device const uchar* s, device const uchar* b, uint row,
                         uint k, uint index, threadgroup float* tile) {
    const uint r = index / 4u;
    const uint c = index % 4u * 8u;
    float w[8];
    for (uint i = 0; i < 8u; i++) w[i] = 0.0f;
    if (row + r < m.rows && k + c < m.columns) weights(m, firstRow, v, s, b, row + r, k + c, w);
    for (uint i = 0; i < 8u; i++) tile[r * TILE + c + i] = w[i];
}

kernel void multiply_tiles(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                           device const uchar* biases [[buffer(2)]], device const float* x [[buffer(3)]],
                           device const float* residual [[buffer(4)]], device const float* addend [[buffer(5)]],
                           device float* y [[buffer(6)]], constant TileParameters& p [[buffer(7)]],
                           uint2 group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                           uint simdgroup [[simdgroup_index_in_threadgroup]]) {
    threadgroup float left[TILE * TILE];
    threadgroup float right[TILE * TILE];
    device const uchar* v = values + joined(p.matrix.valuesLow, p.matrix.valuesHigh);
    device const uchar* s = scales + joined(p.matrix.scalesLow, p.matrix.scalesHigh);
    device const uchar* b = biases + joined(p.matrix.biasesLow, p.matrix.biasesHigh);
    const uint row = group.x * TILE;
    const uint position = group.y * TILE;
    simdgroup_float8x8 sums[4];
    for (uint i = 0; i < 4u; i++) sums[i] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    for (uint k = 0; k < p.matrix.columns; k += TILE) {
        const uint r = index / 4u;
        const uint c = index % 4u * 8u;
        for (uint i = 0; i < 8u; i++) {
            const bool inside = position + r < p.length && k + c + i < p.matrix.columns;
            left[r * TILE + c + i] = inside ? x[ulong(position + r) * p.xStride + k + c + i] : 0.0f;
        }
        load_weights(p.matrix, p.matrix.firstRow, v, s, b, row, k, index, right);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        accumulate(left, right, simdgroup, sums);
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    unload(sums, simdgroup, left);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = index; i < TILE * TILE; i += 128u) {
        const uint l = position + i / TILE;
        const uint r = row + i % TILE;
        if (l < p.length && r < p.matrix.rows) {
            float sum = left[i];
            if (BIAS != 0u) sum += addend[r];
            if (RESIDUAL != 0u) sum += residual[ulong(l) * p.residualStride + r];
            y[ulong(l) * p.matrix.rows + r] = sum;
        }
    }
}

struct SortParameters {
    uint pairs;    // positions times chosen experts
    uint experts;
};

// Sorts pairs by expert, and cuts each expert's pairs into tiles of at most 32: (expert, first, count) each.
kernel void sort_experts(device const uint* chosen [[buffer(0)]], device uint* order [[buffer(1)]],
                         device uint* tiles [[buffer(2)]], constant SortParameters& p [[buffer(3)]],
                         threadgroup uint* counts [[threadgroup(0)]], uint index [[thread_index_in_threadgroup]],
                         uint3 size [[threads_per_threadgroup]]) {
    threadgroup uint tileCount[1];
    // One thread counts for one expert, so that the order of positions stays.
    for (uint e = index; e < p.experts; e += size.x) {
        uint count = 0;
        for (uint i = 0; i < p.pairs; i++) count += chosen[i] == e ? 1u : 0u;
        counts[e] = count;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (index == 0u) {
        uint first = 0;
        uint tile = 0;
        for (uint e = 0; e < p.experts; e++) {
            const uint count = counts[e];
            for (uint done = 0; done < count; done += TILE) {
                tiles[3u * tile] = e;
                tiles[3u * tile + 1u] = first + done;
                tiles[3u * tile + 2u] = min(TILE, count - done);
                tile++;
            }
            counts[e] = first;
            first += count;
        }
        tileCount[0] = tile;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    const uint most = p.pairs / TILE + min(p.pairs, p.experts);
    for (uint i = tileCount[0] + index; i < most; i += size.x) tiles[3u * i + 2u] = 0u;
    for (uint e = index; e < p.experts; e += size.x) {
        uint at = counts[e];
        for (uint i = 0; i < p.pairs; i++) {
            if (chosen[i] == e) order[at++] = i;
        }
    }
}

struct ExpertTileParameters {
    uint chosen;
    uint xStride;
    float limit;
    float slope;
    Matrix first;   // gate, or down
    Matrix second;  // up
};

// Gate and up of the pairs of one tile; results lie in sorted order.
kernel void expert_gate_up_tiles(device const uchar* gateValues [[buffer(0)]], device const uchar* gateScales [[buffer(1)]],
                                 device const uchar* gateBiases [[buffer(2)]], device const uchar* upValues [[buffer(3)]],
                                 device const uchar* upScales [[buffer(4)]], device const uchar* upBiases [[buffer(5)]],
                                 device const ulong* gateTable [[buffer(6)]], device const ulong* upTable [[buffer(7)]],
                                 device const uint* order [[buffer(8)]], device const uint* tiles [[buffer(9)]],
                                 device const float* x [[buffer(10)]], device const float* gateAddend [[buffer(11)]],
                                 device const float* upAddend [[buffer(12)]], device float* y [[buffer(13)]],
                                 constant ExpertTileParameters& p [[buffer(14)]],
                                 uint2 group [[threadgroup_position_in_grid]],
                                 uint index [[thread_index_in_threadgroup]],
                                 uint simdgroup [[simdgroup_index_in_threadgroup]]) {
    threadgroup float left[TILE * TILE];
    threadgroup float right[TILE * TILE];
    threadgroup float other[TILE * TILE];
    const uint expert = tiles[3u * group.y];
    const uint start = tiles[3u * group.y + 1u];
    const uint count = tiles[3u * group.y + 2u];
    if (count == 0u) return;
    const uint row = group.x * TILE;
    const uint firstRow = uint(gateTable[4u * expert + 3u]);
    simdgroup_float8x8 gates[4];
    simdgroup_float8x8 ups[4];
    for (uint i = 0; i < 4u; i++) {
        gates[i] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
        ups[i] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    }
    for (uint k = 0; k < p.first.columns; k += TILE) {
        const uint r = index / 4u;
        const uint c = index % 4u * 8u;
        const uint position = r < count ? order[start + r] / p.chosen : 0u;
        for (uint i = 0; i < 8u; i++) {
            const bool inside = r < count && k + c + i < p.first.columns;
            left[r * TILE + c + i] = inside ? x[ulong(position) * p.xStride + k + c + i] : 0.0f;
        }
        load_weights(p.first, firstRow, gateValues + gateTable[4u * expert], gateScales + gateTable[4u * expert + 1u],
                     gateBiases + gateTable[4u * expert + 2u], row, k, index, right);
        load_weights(p.second, uint(upTable[4u * expert + 3u]), upValues + upTable[4u * expert], upScales + upTable[4u * expert + 1u],
                     upBiases + upTable[4u * expert + 2u], row, k, index, other);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        accumulate(left, right, simdgroup, gates);
        accumulate(left, other, simdgroup, ups);
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    unload(gates, simdgroup, left);
    unload(ups, simdgroup, right);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = index; i < TILE * TILE; i += 128u) {
        const uint pair = i / TILE;
        const uint r = row + i % TILE;
        if (pair < count && r < p.first.rows) {
            float gate = left[i];
            float up = right[i];
            if (BIAS != 0u) {
                gate += gateAddend[expert * p.first.rows + r];
                up += upAddend[expert * p.first.rows + r];
            }
            y[ulong(start + pair) * p.first.rows + r] = gated(gate, up, p.limit, p.slope);
        }
    }
}

// Down of the pairs of one tile; results lie in the order of the pairs again.
kernel void expert_down_tiles(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                              device const uchar* biases [[buffer(2)]], device const ulong* table [[buffer(3)]],
                              device const uint* order [[buffer(4)]], device const uint* tiles [[buffer(5)]],
                              device const float* x [[buffer(6)]], device const float* addend [[buffer(7)]],
                              device float* y [[buffer(8)]], constant ExpertTileParameters& p [[buffer(9)]],
                              uint2 group [[threadgroup_position_in_grid]],
                              uint index [[thread_index_in_threadgroup]],
                              uint simdgroup [[simdgroup_index_in_threadgroup]]) {
    threadgroup float left[TILE * TILE];
    threadgroup float right[TILE * TILE];
    const uint expert = tiles[3u * group.y];
    const uint start = tiles[3u * group.y + 1u];
    const uint count = tiles[3u * group.y + 2u];
    if (count == 0u) return;
    const uint row = group.x * TILE;
    const uint firstRow = uint(table[4u * expert + 3u]);
    simdgroup_float8x8 sums[4];
    for (uint i = 0; i < 4u; i++) sums[i] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    for (uint k = 0; k < p.first.columns; k += TILE) {
        const uint r = index / 4u;
        const uint c = index % 4u * 8u;
        for (uint i = 0; i < 8u; i++) {
            const bool inside = r < count && k + c + i < p.first.columns;
            left[r * TILE + c + i] = inside ? x[ulong(start + r) * p.xStride + k + c + i] : 0.0f;
        }
        load_weights(p.first, firstRow, values + table[4u * expert], scales + table[4u * expert + 1u], biases + table[4u * expert + 2u],
                     row, k, index, right);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        accumulate(left, right, simdgroup, sums);
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    unload(sums, simdgroup, left);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = index; i < TILE * TILE; i += 128u) {
        const uint pair = i / TILE;
        const uint r = row + i % TILE;
        if (pair < count && r < p.first.rows) {
            float sum = left[i];
            if (BIAS != 0u) sum += addend[expert * p.first.rows + r];
            y[ulong(order[start + pair]) * p.first.rows + r] = sum;
        }
    }
}

struct SumParameters {
    uint width;
    uint chosen;
    uint residualStride;
};

// Shares times the experts' results of one position, and what else is to be added.
kernel void sum_experts(device const float* parts [[buffer(0)]], device const float* shares [[buffer(1)]],
                        device const float* residual [[buffer(2)]], device float* y [[buffer(3)]],
                        constant SumParameters& p [[buffer(4)]], uint position [[threadgroup_position_in_grid]],
                        uint index [[thread_index_in_threadgroup]], uint3 size [[threads_per_threadgroup]]) {
    for (uint i = index; i < p.width; i += size.x) {
        float sum = 0.0f;
        for (uint c = 0; c < p.chosen; c++) {
            const uint pair = position * p.chosen + c;
            sum += shares[pair] * parts[ulong(pair) * p.width + i];
        }
        if (RESIDUAL != 0u) sum += residual[ulong(position) * p.residualStride + i];
        y[ulong(position) * p.width + i] = sum;
    }
}

struct ConvolveParameters {
    uint height, width, channels;  // of x
    uint outWidth;
    uint pixels;                   // of the result
    uint windowWidth;
    uint stride;
    uint before;                   // zeros above and left of x
    Matrix matrix;                 // a window row by row, the channels side by side
};

// A convolution as a product: the windows of 32 pixels are the rows of x.
kernel void convolve(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                     device const uchar* biases [[buffer(2)]], device const float* x [[buffer(3)]],
                     device const float* addend [[buffer(4)]], device float* y [[buffer(5)]],
                     constant ConvolveParameters& p [[buffer(6)]], uint2 group [[threadgroup_position_in_grid]],
                     uint index [[thread_index_in_threadgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
    threadgroup float left[TILE * TILE];
    threadgroup float right[TILE * TILE];
    device const uchar* v = values + joined(p.matrix.valuesLow, p.matrix.valuesHigh);
    device const uchar* s = scales + joined(p.matrix.scalesLow, p.matrix.scalesHigh);
    device const uchar* b = biases + joined(p.matrix.biasesLow, p.matrix.biasesHigh);
    const uint row = group.x * TILE;
    const uint pixel = group.y * TILE;
    const uint r = index / 4u;
    const uint c = index % 4u * 8u;
    // The window's corner in x; before the first row or column these wrap around and are too large.
    const uint top = (pixel + r) / p.outWidth * p.stride - p.before;
    const uint start = (pixel + r) % p.outWidth * p.stride - p.before;
    simdgroup_float8x8 sums[4];
    for (uint i = 0; i < 4u; i++) sums[i] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    for (uint k = 0; k < p.matrix.columns; k += TILE) {
        uint cell = (k + c) / p.channels;
        uint channel = (k + c) % p.channels;
        for (uint i = 0; i < 8u; i++) {
            const uint py = top + cell / p.windowWidth;
            const uint px = start + cell % p.windowWidth;
            const bool inside = k + c + i < p.matrix.columns && py < p.height && px < p.width;
            left[r * TILE + c + i] = inside ? x[(ulong(py) * p.width + px) * p.channels + channel] : 0.0f;
            channel++;
            if (channel == p.channels) {
                channel = 0;
                cell++;
            }
        }
        load_weights(p.matrix, p.matrix.firstRow, v, s, b, row, k, index, right);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        accumulate(left, right, simdgroup, sums);
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    unload(sums, simdgroup, left);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = index; i < TILE * TILE; i += 128u) {
        const uint l = pixel + i / TILE;
        const uint o = row + i % TILE;
        if (l < p.pixels && o < p.matrix.rows) {
            float sum = left[i];
            if (BIAS != 0u) sum += addend[o];
            y[ulong(l) * p.matrix.rows + o] = sum;
        }
    }
}
