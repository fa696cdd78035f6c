// The largest numbers of a row: one threadgroup per part of it, then the same over what the parts found.

constant uint PART = 4096;      // numbers that one threadgroup looks at
constant uint PER_THREAD = 16;  // of 256 threads
constant uint NOBODY = 0xffffffffu;

struct BestParameters {
    uint count;   // numbers in the row
    uint wanted;  // of the largest, per part
    uint listed;  // the row has two halves: numbers, then the columns they come from
};

// Of equals the earlier column is better. What is not a number is worse than any.
inline bool is_better(float a, uint columnOfA, float b, uint columnOfB) {
    return a > b || (a == b && columnOfA < columnOfB);
}

// Leaves the parts' largest, largest first: numbers in the first half of y, columns in the second.
kernel void best(device const float* x [[buffer(0)]], device float* y [[buffer(1)]], constant BestParameters& p [[buffer(2)]],
                 uint group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
                 uint groups [[threadgroups_per_grid]], uint lane [[thread_index_in_simdgroup]],
                 uint simdgroup [[simdgroup_index_in_threadgroup]], uint simdgroups [[simdgroups_per_threadgroup]]) {
    threadgroup float numbers[8];
    threadgroup uint columns[8];
    uint taken = 0;  // a bit for each of this thread's numbers
    float mine = -INFINITY;
    uint column = NOBODY;
    uint place = 0;
    for (uint round = 0; round < p.wanted; round++) {
        // Only whoever lost its best looks again.
        if (column == NOBODY) {
            mine = -INFINITY;
            for (uint i = 0; i < PER_THREAD; i++) {
                const uint at = group * PART + i * 256u + index;
                if (at < p.count && (taken >> i & 1u) == 0u) {
                    float number = x[at];
                    if (isnan(number)) number = -INFINITY;
                    const uint from = p.listed != 0u ? uint(x[p.count + at]) : at;
                    if (column == NOBODY || is_better(number, from, mine, column)) {
                        mine = number;
                        column = from;
                        place = i;
                    }
                }
            }
        }
        float top = mine;
        uint winner = column;
        for (ushort distance = 16; distance > 0; distance >>= 1) {
            const float other = simd_shuffle_xor(top, distance);
            const uint otherColumn = simd_shuffle_xor(winner, distance);
            if (is_better(other, otherColumn, top, winner)) {
                top = other;
                winner = otherColumn;
            }
        }
        if (lane == 0u) {
            numbers[simdgroup] = top;
            columns[simdgroup] = winner;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        top = numbers[0];
        winner = columns[0];
        for (uint s = 1; s < simdgroups; s++) {
            if (is_better(numbers[s], columns[s], top, winner)) {
                top = numbers[s];
                winner = columns[s];
            }
        }
        if (index == 0u) {
            const uint at = group * p.wanted + round;
            y[at] = top;
            // A part with fewer numbers than are wanted has none left.
            y[groups * p.wanted + at] = winner == NOBODY ? 0.0f : float(winner);
        }
        if (column == winner && winner != NOBODY) {
            taken |= 1u << place;
            column = NOBODY;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}
