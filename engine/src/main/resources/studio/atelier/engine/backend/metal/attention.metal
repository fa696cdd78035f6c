// Attention over the cache. Rows of the 8 x 8 products are queries that share keys: the heads of one key head, position
// after position. With one new position they are heads, which makes latent attention a product of matrices.

constant uint TILE = 32;       // cached positions looked at together
constant uint MOST_BLOCKS = 16;

struct AttendParameters {
    uint positions;   // new ones
    uint heads;
    uint keyHeads;
    uint size;        // of a key's first part
    uint ropeSize;    // of its second part, 0 for none
    uint valueSize;
    uint queryStride;
    uint ropeStride;
    uint keyStride;   // from one cached position to the next, in elements
    uint ropeKeyStride;
    uint valueStride;
    uint window;
    float scale;
    uint splits;      // parts of the context, joined by another kernel
};

template <typename T>
inline void attend_rows(device const float* queries, device const float* ropeQueries, device const T* keys,
                        device const T* ropeKeys, device const T* values, device const float* sinks, device float* y,
                        device float* partial, constant AttendParameters& p, threadgroup T* query, threadgroup float* score,
                        threadgroup T* weight, threadgroup float* diagonal, threadgroup float* rowState,
                        threadgroup float* patch, uint firstPosition, uint3 group, uint index, uint simdgroup, uint lane) {
    const uint perKey = p.heads / p.keyHeads;
    const uint rows = p.positions * perKey;
    const uint block = group.x * 8u;
    const uint keyHead = group.y;
    const uint split = group.z;
    const uint width = p.size + p.ropeSize;
    device const T* k = keys + keyHead * p.size;
    device const T* v = values + keyHead * p.valueSize;
    for (uint i = index; i < 8u * width; i += 128u) {
        const uint row = block + i / width;
        const uint column = i % width;
        float number = 0.0f;
        if (row < rows) {
            const ulong item = row / perKey * p.heads + keyHead * perKey + row % perKey;
            number = column < p.size ? queries[item * p.queryStride + column] : ropeQueries[item * p.ropeStride + column - p.size];
        }
        query[i] = T(number);
    }
    // Maximum, sum and shrinkage of each row; diagonal matrices are zero elsewhere.
    if (index < 64u) diagonal[index] = 0.0f;
    if (index < 8u) {
        rowState[index] = -INFINITY;
        rowState[8u + index] = 0.0f;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    simdgroup_float8x8 sums[MOST_BLOCKS];
    for (uint j = 0; j < BLOCKS; j++) sums[j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    const uint lastRow = min(block + 7u, rows - 1u);
    const uint end = firstPosition + lastRow / perKey + 1u;
    const uint earliest = firstPosition + block / perKey + 1u;
    const uint begin = (earliest > p.window ? earliest - p.window : 0u) / TILE;
    const uint tiles = (end + TILE - 1u) / TILE;
    const uint share = (tiles - begin + p.splits - 1u) / p.splits;
    const uint firstTile = begin + split * share;
    const uint lastTile = min(tiles, firstTile + share);
    for (uint tile = firstTile; tile < lastTile; tile++) {
        const uint t0 = tile * TILE;
        simdgroup_float8x8 products = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
        simdgroup_matrix<T, 8, 8> left;
        simdgroup_matrix<T, 8, 8> right;
        const ulong t = t0 + simdgroup * 8u;
        for (uint c = 0; c < p.size; c += 8u) {
            simdgroup_load(left, query + c, width);
            simdgroup_load(right, k + t * p.keyStride + c, p.keyStride, ulong2(0, 0), true);
            simdgroup_multiply_accumulate(products, left, right, products);
        }
        for (uint c = 0; c < p.ropeSize; c += 8u) {
            simdgroup_load(left, query + p.size + c, width);
            simdgroup_load(right, ropeKeys + t * p.ropeKeyStride + c, p.ropeKeyStride, ulong2(0, 0), true);
            simdgroup_multiply_accumulate(products, left, right, products);
        }
        simdgroup_store(products, score + simdgroup * 8u, TILE);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        // Sixteen threads per row, two cached positions each.
        const uint row = index / 16u;
        const uint mine = index % 16u * 2u;
        const uint last = firstPosition + min(block + row, rows - 1u) / perKey;
        float two[2];
        float top = -INFINITY;
        for (uint i = 0; i < 2u; i++) {
            const uint position = t0 + mine + i;
            const bool seen = position <= last && position + p.window > last;
            two[i] = seen ? p.scale * score[row * TILE + mine + i] : -INFINITY;
            top = max(top, two[i]);
        }
        for (ushort distance = 8; distance > 0; distance >>= 1) top = max(top, simd_shuffle_xor(top, distance));
        const float before = rowState[row];
        const float maximum = max(before, top);
        float sum = 0.0f;
        for (uint i = 0; i < 2u; i++) {
            two[i] = two[i] == -INFINITY ? 0.0f : exp(two[i] - maximum);
            weight[row * TILE + mine + i] = T(two[i]);
            sum += two[i];
        }
        for (ushort distance = 8; distance > 0; distance >>= 1) sum += simd_shuffle_xor(sum, distance);
        // All sixteen have read the row's state.
        simdgroup_barrier(mem_flags::mem_threadgroup);
        if (mine == 0u) {
            const float shrink = before == -INFINITY ? 0.0f : exp(before - maximum);
            rowState[row] = maximum;
            rowState[8u + row] = rowState[8u + row] * shrink + sum;
            diagonal[9u * row] = shrink;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        simdgroup_float8x8 shrinkage;
        simdgroup_load(shrinkage, diagonal, 8);
        for (uint j = 0; j < BLOCKS; j++) {
            const uint column = (simdgroup + 4u * j) * 8u;
            if (column < p.valueSize) {
                simdgroup_float8x8 shrunk = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
                simdgroup_multiply_accumulate(shrunk, shrinkage, sums[j], shrunk);
                for (uint i = 0; i < TILE; i += 8u) {
                    simdgroup_load(left, weight + i, TILE);
                    simdgroup_load(right, v + ulong(t0 + i) * p.valueStride + column, p.valueStride);
                    simdgroup_multiply_accumulate(shrunk, left, right, shrunk);
                }
                sums[j] = shrunk;
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    // Divide, or leave what another kernel joins.
    if (index < 8u) {
        float sum = rowState[8u + index];
        float factor = 1.0f;
        if (p.splits == 1u) {
            if (SINKS != 0u) {
                const float sink = sinks[keyHead * perKey + min(block + index, rows - 1u) % perKey];
                const float maximum = max(rowState[index], sink);
                factor = exp(rowState[index] - maximum);
                sum = sum * factor + exp(sink - maximum);
            }
            factor /= sum;
        }
        diagonal[9u * index] = factor;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    simdgroup_float8x8 division;
    simdgroup_load(division, diagonal, 8);
    for (uint j = 0; j < BLOCKS; j++) {
        const uint column = (simdgroup + 4u * j) * 8u;
        if (column < p.valueSize) {
            simdgroup_float8x8 result = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
            simdgroup_multiply_accumulate(result, division, sums[j], result);
            simdgroup_store(result, patch + simdgroup * 64u, 8);
            simdgroup_barrier(mem_flags::mem_threadgroup);
            for (uint i = lane; i < 64u; i += LANES) {
                const uint row = block + i / 8u;
                if (row < rows) {
                    const ulong item = row / perKey * p.heads + keyHead * perKey + row % perKey;
                    const float number = patch[simdgroup * 64u + i];
                    if (p.splits == 1u) y[item * p.valueSize + column + i % 8u] = number;
                    else partial[(item * p.splits + split) * (p.valueSize + 2u) + column + i % 8u] = number;
                }
            }
            simdgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
    if (p.splits > 1u && index < 8u && block + index < rows) {
        const uint row = block + index;
        const ulong item = row / perKey * p.heads + keyHead * perKey + row % perKey;
        const ulong at = (item * p.splits + split) * (p.valueSize + 2u) + p.valueSize;
        partial[at] = rowState[index];
        partial[at + 1u] = rowState[8u + index];
    }
}

kernel void attend(device const float* queries [[buffer(0)]], device const float* ropeQueries [[buffer(1)]],
                   device const uchar* keys [[buffer(2)]], device const uchar* ropeKeys [[buffer(3)]],
                   device const uchar* values [[buffer(4)]], device const float* sinks [[buffer(5)]],
                   device float* y [[buffer(6)]], device float* partial [[buffer(7)]],
                   constant AttendParameters& p [[buffer(8)]], device const uint* firstPosition [[buffer(9)]],
                   threadgroup uchar* query [[threadgroup(0)]],
                   uint3 group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                   uint simdgroup [[simdgroup_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]]) {
    threadgroup float score[8 * TILE];
    threadgroup float weight[8 * TILE];
    threadgroup float diagonal[64];
    threadgroup float rowState[16];
    threadgroup float patch[256];
    if (HALF_CACHE != 0u) {
        attend_rows<half>(queries, ropeQueries, (device const half*)keys, (device const half*)ropeKeys,
                          (device const half*)values, sinks, y, partial, p, (threadgroup half*)query, score,
                          (threadgroup half*)weight, diagonal, rowState, patch, firstPosition[0], group, index, simdgroup, lane);
    } else {
        attend_rows<float>(queries, ropeQueries, (device const float*)keys, (device const float*)ropeKeys,
                           (device const float*)values, sinks, y, partial, p, (threadgroup float*)query, score, weight,
                           diagonal, rowState, patch, firstPosition[0], group, index, simdgroup, lane);
    }
}

struct JoinParameters {
    uint heads;
    uint valueSize;
    uint splits;
};

// Joins the splits of one query head.
kernel void join_splits(device const float* partial [[buffer(0)]], device const float* sinks [[buffer(1)]],
                        device float* y [[buffer(2)]], constant JoinParameters& p [[buffer(3)]],
                        uint item [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                        uint3 size [[threads_per_threadgroup]]) {
    device const float* parts = partial + ulong(item) * p.splits * (p.valueSize + 2u);
    float maximum = -INFINITY;
    if (SINKS != 0u) maximum = sinks[item % p.heads];
    for (uint s = 0; s < p.splits; s++) maximum = max(maximum, parts[s * (p.valueSize + 2u) + p.valueSize]);
    float total = 0.0f;
    if (SINKS != 0u) total = exp(sinks[item % p.heads] - maximum);
    for (uint s = 0; s < p.splits; s++) {
        device const float* part = parts + s * (p.valueSize + 2u) + p.valueSize;
        total += part[1] * exp(part[0] - maximum);
    }
    for (uint i = index; i < p.valueSize; i += size.x) {
        float sum = 0.0f;
        for (uint s = 0; s < p.splits; s++) {
            device const float* part = parts + s * (p.valueSize + 2u);
            sum += part[i] * exp(part[p.valueSize] - maximum);
        }
        y[ulong(item) * p.valueSize + i] = sum / total;
    }
}
