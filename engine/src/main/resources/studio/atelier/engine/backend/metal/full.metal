// Attention over keys that lie in memory as a whole, none behind the other: pictures, and texts that are read once.
// A threadgroup of four simdgroups makes 32 queries' results in up to 128 columns of one head.

constant uint TILE = 32;
constant uint MOST_BLOCKS = 16;

struct AttendAllParameters {
    uint queries;
    uint keys;
    uint heads;
    uint keyHeads;
    uint size;   // of a head
    uint first;  // query l sees the keys up to first + l
    float scale;
};

// 32 rows and 32 columns, eight numbers per thread, zeros where there are none.
inline void load_tile(device const float* from, uint row, uint rows, uint stride, uint column, uint columns, uint index,
                      threadgroup float* tile) {
    const uint r = index / 4u;
    const uint c = index % 4u * 8u;
    for (uint i = 0; i < 8u; i++) {
        const bool inside = row + r < rows && column + c + i < columns;
        tile[r * TILE + c + i] = inside ? from[ulong(row + r) * stride + column + c + i] : 0.0f;
    }
}

kernel void attend_all(device const float* queries [[buffer(0)]], device const float* keys [[buffer(1)]],
                       device const float* values [[buffer(2)]], device float* y [[buffer(3)]],
                       constant AttendAllParameters& p [[buffer(4)]], uint3 group [[threadgroup_position_in_grid]],
                       uint index [[thread_index_in_threadgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]],
                       uint lane [[thread_index_in_simdgroup]]) {
    threadgroup float left[TILE * TILE];
    threadgroup float right[TILE * TILE];
    threadgroup float score[TILE * TILE];
    threadgroup float diagonal[4 * 64];
    threadgroup float rowState[2 * TILE];
    const uint query = group.x * TILE;
    const uint head = group.y;
    const uint keyHead = head / (p.heads / p.keyHeads);
    const uint part = group.z * 8u * MOST_BLOCKS;
    device const float* q = queries + head * p.size;
    device const float* k = keys + keyHead * p.size;
    device const float* v = values + keyHead * p.size;
    // Maximum and sum of each row; diagonal matrices are zero elsewhere.
    for (uint i = index; i < 4u * 64u; i += 128u) diagonal[i] = 0.0f;
    if (index < TILE) {
        rowState[index] = -INFINITY;
        rowState[TILE + index] = 0.0f;
    }
    simdgroup_float8x8 sums[MOST_BLOCKS];
    for (uint j = 0; j < BLOCKS; j++) sums[j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    const uint mine = simdgroup * 8u;
    threadgroup float* own = score + mine * TILE;
    const uint end = min(p.keys, p.first + min(query + TILE, p.queries));
    for (uint t0 = 0; t0 < end; t0 += TILE) {
        simdgroup_float8x8 products[4];
        simdgroup_float8x8 a;
        simdgroup_float8x8 b;
        for (uint j = 0; j < 4u; j++) products[j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
        for (uint c = 0; c < p.size; c += TILE) {
            load_tile(q, query, p.queries, p.heads * p.size, c, p.size, index, left);
            load_tile(k, t0, p.keys, p.keyHeads * p.size, c, p.size, index, right);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint i = 0; i < TILE; i += 8u) {
                simdgroup_load(a, left + mine * TILE + i, TILE);
                for (uint j = 0; j < 4u; j++) {
                    simdgroup_load(b, right + 8u * j * TILE + i, TILE, ulong2(0, 0), true);
                    simdgroup_multiply_accumulate(products[j], a, b, products[j]);
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
        for (uint j = 0; j < 4u; j++) simdgroup_store(products[j], own + 8u * j, TILE);
        simdgroup_barrier(mem_flags::mem_threadgroup);
        // Four lanes per row, eight keys each.
        const uint row = lane / 4u;
        const uint at = lane % 4u * 8u;
        const uint last = min(p.keys - 1u, p.first + query + mine + row);
        float eight[8];
        float top = -INFINITY;
        for (uint i = 0; i < 8u; i++) {
            eight[i] = t0 + at + i <= last ? p.scale * own[row * TILE + at + i] : -INFINITY;
            top = max(top, eight[i]);
        }
        for (ushort distance = 2; distance > 0; distance >>= 1) top = max(top, simd_shuffle_xor(top, distance));
        const float before = rowState[mine + row];
        const float maximum = max(before, top);
        float sum = 0.0f;
        for (uint i = 0; i < 8u; i++) {
            const float number = eight[i] == -INFINITY ? 0.0f : exp(eight[i] - maximum);
            own[row * TILE + at + i] = number;
            sum += number;
        }
        for (ushort distance = 2; distance > 0; distance >>= 1) sum += simd_shuffle_xor(sum, distance);
        // All four have read the row's state.
        simdgroup_barrier(mem_flags::mem_threadgroup);
        if (at == 0u) {
            const float shrink = before == -INFINITY ? 0.0f : exp(before - maximum);
            rowState[mine + row] = maximum;
            rowState[TILE + mine + row] = rowState[TILE + mine + row] * shrink + sum;
            diagonal[simdgroup * 64u + 9u * row] = shrink;
        }
        simdgroup_barrier(mem_flags::mem_threadgroup);
        simdgroup_float8x8 shrinkage;
        simdgroup_load(shrinkage, diagonal + simdgroup * 64u, 8);
        for (uint j = 0; j < BLOCKS; j++) {
            simdgroup_float8x8 shrunk = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
            simdgroup_multiply_accumulate(shrunk, shrinkage, sums[j], shrunk);
            sums[j] = shrunk;
        }
        for (uint four = 0; four < BLOCKS; four += 4u) {
            load_tile(v, t0, p.keys, p.keyHeads * p.size, part + 8u * four, p.size, index, right);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint i = 0; i < TILE; i += 8u) {
                simdgroup_load(a, own + i, TILE);
                for (uint j = 0; j < 4u; j++) {
                    if (four + j < BLOCKS) {
                        simdgroup_load(b, right + i * TILE + 8u * j, TILE);
                        simdgroup_multiply_accumulate(sums[four + j], a, b, sums[four + j]);
                    }
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
    if (lane < 8u) diagonal[simdgroup * 64u + 9u * lane] = 1.0f / rowState[TILE + mine + lane];
    simdgroup_barrier(mem_flags::mem_threadgroup);
    simdgroup_float8x8 division;
    simdgroup_load(division, diagonal + simdgroup * 64u, 8);
    for (uint j = 0; j < BLOCKS; j++) {
        simdgroup_float8x8 result = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
        simdgroup_multiply_accumulate(result, division, sums[j], result);
        simdgroup_store(result, own, 8);
        simdgroup_barrier(mem_flags::mem_threadgroup);
        for (uint i = lane; i < 64u; i += LANES) {
            const uint l = query + mine + i / 8u;
            const uint column = part + 8u * j + i % 8u;
            if (l < p.queries && column < p.size) y[(ulong(l) * p.heads + head) * p.size + column] = own[i];
        }
        simdgroup_barrier(mem_flags::mem_threadgroup);
    }
}
