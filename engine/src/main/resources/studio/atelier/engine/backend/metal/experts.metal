// The chosen experts of a few positions, and the choice itself.

constant uint ROWS = 4;  // of a matrix, per simdgroup

struct GateUpParameters {
    uint chosen;   // routed experts per position; 0 for a dense layer
    uint xStride;
    float epsilon;
    float limit;
    float slope;
    Matrix gate;   // of a routed expert; rows are its inner size
    Matrix up;
    Matrix sharedGate;
    Matrix sharedUp;
};

// The norm, gate, up and their joining in one: a row of the grid per position and expert, the shared expert last.
kernel void gate_up(device const uchar* gateValues [[buffer(0)]], device const uchar* gateScales [[buffer(1)]],
                    device const uchar* gateBiases [[buffer(2)]], device const uchar* upValues [[buffer(3)]],
                    device const uchar* upScales [[buffer(4)]], device const uchar* upBiases [[buffer(5)]],
                    device const ulong* gateTable [[buffer(6)]], device const ulong* upTable [[buffer(7)]],
                    device const uint* experts [[buffer(8)]], device const float* x [[buffer(9)]],
                    device const float* normWeight [[buffer(10)]], device const float* gateAddend [[buffer(11)]],
                    device const float* upAddend [[buffer(12)]], device float* y [[buffer(13)]],
                    device const uchar* sharedGateValues [[buffer(14)]],
                    device const uchar* sharedGateScales [[buffer(15)]],
                    device const uchar* sharedGateBiases [[buffer(16)]],
                    device const uchar* sharedUpValues [[buffer(17)]],
                    device const uchar* sharedUpScales [[buffer(18)]],
                    device const uchar* sharedUpBiases [[buffer(19)]], device float* sharedY [[buffer(20)]],
                    constant GateUpParameters& p [[buffer(21)]], uint2 group [[threadgroup_position_in_grid]],
                    uint simdgroup [[simdgroup_index_in_threadgroup]],
                    uint simdgroups [[simdgroups_per_threadgroup]], uint lane [[thread_index_in_simdgroup]]) {
    const uint slots = p.chosen + SHARED;
    const uint position = group.y / slots;
    const uint slot = group.y % slots;
    const bool shared = slot == p.chosen;
    const uint first = (group.x * simdgroups + simdgroup) * ROWS;
    uint rows = p.gate.rows;
    if (shared) rows = p.sharedGate.rows;
    // The whole simdgroup leaves together.
    if (first >= rows) return;
    uint expert = 0;
    if (!shared) expert = experts[position * p.chosen + slot];
    device const uchar* gv = gateValues;
    device const uchar* gs = gateScales;
    device const uchar* gb = gateBiases;
    device const uchar* uv = upValues;
    device const uchar* us = upScales;
    device const uchar* ub = upBiases;
    if (shared) {
        gv = sharedGateValues + joined(p.sharedGate.valuesLow, p.sharedGate.valuesHigh);
        gs = sharedGateScales + joined(p.sharedGate.scalesLow, p.sharedGate.scalesHigh);
        gb = sharedGateBiases + joined(p.sharedGate.biasesLow, p.sharedGate.biasesHigh);
        uv = sharedUpValues + joined(p.sharedUp.valuesLow, p.sharedUp.valuesHigh);
        us = sharedUpScales + joined(p.sharedUp.scalesLow, p.sharedUp.scalesHigh);
        ub = sharedUpBiases + joined(p.sharedUp.biasesLow, p.sharedUp.biasesHigh);
    } else {
        gv += gateTable[4u * expert];
        gs += gateTable[4u * expert + 1u];
        gb += gateTable[4u * expert + 2u];
        uv += upTable[4u * expert];
        us += upTable[4u * expert + 1u];
        ub += upTable[4u * expert + 2u];
    }
    float gates[ROWS];
    float ups[ROWS];
    float square = 0.0f;
    for (uint r = 0; r < ROWS; r++) {
        gates[r] = 0.0f;
        ups[r] = 0.0f;
    }
    for (uint k = lane * 8u; k < p.gate.columns; k += LANES * 8u) {
        float part[8];
        numbers(x + position * p.xStride, k, p.gate.columns, part);
        if (NORM != 0u) {
            float factor[8];
            numbers(normWeight, k, p.gate.columns, factor);
            for (uint i = 0; i < 8u; i++) {
                square += part[i] * part[i];
                part[i] *= factor[i];
            }
        }
        float sum = 0.0f;
        for (uint i = 0; i < 8u; i++) sum += part[i];
        for (uint r = 0; r < ROWS; r++) {
            if (first + r < rows) {
                if (shared) {
                    gates[r] += partial_product(p.sharedGate, p.sharedGate.firstRow, gv, gs, gb, first + r, k, part, sum);
                    ups[r] += partial_product(p.sharedUp, p.sharedUp.firstRow, uv, us, ub, first + r, k, part, sum);
                } else {
                    gates[r] += partial_product(p.gate, uint(gateTable[4u * expert + 3u]), gv, gs, gb, first + r, k, part, sum);
                    ups[r] += partial_product(p.up, uint(upTable[4u * expert + 3u]), uv, us, ub, first + r, k, part, sum);
                }
            }
        }
    }
    float factor = 1.0f;
    if (NORM != 0u) factor = precise::rsqrt(simd_sum(square) / float(p.gate.columns) + p.epsilon);
    for (uint r = 0; r < ROWS; r++) {
        float gate = simd_sum(gates[r]) * factor;
        float up = simd_sum(ups[r]) * factor;
        if (lane == 0u && first + r < rows) {
            if (BIAS != 0u && !shared) {
                gate += gateAddend[expert * rows + first + r];
                up += upAddend[expert * rows + first + r];
            }
            const float joint = gated(gate, up, p.limit, p.slope);
            if (shared) sharedY[position * rows + first + r] = joint;
            else y[(position * p.chosen + slot) * rows + first + r] = joint;
        }
    }
}

struct DownParameters {
    uint chosen;
    uint residualStride;
    Matrix down;
    Matrix sharedDown;
};

// Down, the router's shares, the shared expert and the residual in one.
kernel void down(device const uchar* values [[buffer(0)]], device const uchar* scales [[buffer(1)]],
                 device const uchar* biases [[buffer(2)]], device const ulong* table [[buffer(3)]],
                 device const uint* experts [[buffer(4)]], device const float* shares [[buffer(5)]],
                 device const float* x [[buffer(6)]], device const float* addend [[buffer(7)]],
                 device const uchar* sharedValues [[buffer(8)]], device const uchar* sharedScales [[buffer(9)]],
                 device const uchar* sharedBiases [[buffer(10)]], device const float* sharedX [[buffer(11)]],
                 device const float* residual [[buffer(12)]], device float* y [[buffer(13)]],
                 constant DownParameters& p [[buffer(14)]], uint2 group [[threadgroup_position_in_grid]],
                 uint simdgroup [[simdgroup_index_in_threadgroup]], uint simdgroups [[simdgroups_per_threadgroup]],
                 uint lane [[thread_index_in_simdgroup]]) {
    const uint position = group.y;
    const uint first = (group.x * simdgroups + simdgroup) * ROWS;
    float sums[ROWS];
    float addends[ROWS];
    for (uint r = 0; r < ROWS; r++) {
        sums[r] = 0.0f;
        addends[r] = 0.0f;
    }
    for (uint c = 0; c < p.chosen; c++) {
        const uint pair = position * p.chosen + c;
        const uint expert = experts[pair];
        const float share = shares[pair];
        device const uchar* v = values + table[4u * expert];
        device const uchar* s = scales + table[4u * expert + 1u];
        device const uchar* b = biases + table[4u * expert + 2u];
        for (uint k = lane * 8u; k < p.down.columns; k += LANES * 8u) {
            float part[8];
            numbers(x + pair * p.down.columns, k, p.down.columns, part);
            float sum = 0.0f;
            for (uint i = 0; i < 8u; i++) {
                part[i] *= share;
                sum += part[i];
            }
            for (uint r = 0; r < ROWS; r++) {
                if (first + r < p.down.rows) sums[r] += partial_product(p.down, uint(table[4u * expert + 3u]), v, s, b, first + r, k, part, sum);
            }
        }
        if (BIAS != 0u) {
            for (uint r = 0; r < ROWS; r++) {
                if (first + r < p.down.rows) addends[r] += share * addend[expert * p.down.rows + first + r];
            }
        }
    }
    if (SHARED != 0u) {
        device const uchar* v = sharedValues + joined(p.sharedDown.valuesLow, p.sharedDown.valuesHigh);
        device const uchar* s = sharedScales + joined(p.sharedDown.scalesLow, p.sharedDown.scalesHigh);
        device const uchar* b = sharedBiases + joined(p.sharedDown.biasesLow, p.sharedDown.biasesHigh);
        for (uint k = lane * 8u; k < p.sharedDown.columns; k += LANES * 8u) {
            float part[8];
            numbers(sharedX + position * p.sharedDown.columns, k, p.sharedDown.columns, part);
            float sum = 0.0f;
            for (uint i = 0; i < 8u; i++) sum += part[i];
            for (uint r = 0; r < ROWS; r++) {
                if (first + r < p.sharedDown.rows) sums[r] += partial_product(p.sharedDown, p.sharedDown.firstRow, v, s, b, first + r, k, part, sum);
            }
        }
    }
    for (uint r = 0; r < ROWS; r++) {
        float sum = simd_sum(sums[r]) + addends[r];
        if (lane == 0u && first + r < p.down.rows) {
            if (RESIDUAL != 0u) sum += residual[position * p.residualStride + first + r];
            y[position * p.down.rows + first + r] = sum;
        }
    }
}

struct RouteParameters {
    uint experts;
    uint chosen;
    uint groups;
    uint keptGroups;
    uint twoBest;     // a group is as good as its two best
    uint sigmoid;     // else softmax
    uint normalized;
    float factor;
};

// The choice of experts for one position: scores, bias, groups, the best few, their shares. One simdgroup.
kernel void route(device const float* logits [[buffer(0)]], device const float* bias [[buffer(1)]],
                  device uint* chosen [[buffer(2)]], device float* shares [[buffer(3)]],
                  constant RouteParameters& p [[buffer(4)]], threadgroup float* scores [[threadgroup(0)]],
                  threadgroup float* wishes [[threadgroup(1)]], threadgroup float* quality [[threadgroup(2)]],
                  uint position [[threadgroup_position_in_grid]], uint lane [[thread_index_in_simdgroup]]) {
    device const float* row = logits + position * p.experts;
    float top = -INFINITY;
    for (uint i = lane; i < p.experts; i += LANES) top = max(top, row[i]);
    top = simd_max(top);
    float total = 0.0f;
    for (uint i = lane; i < p.experts; i += LANES) {
        const float score = p.sigmoid != 0u ? 1.0f / (1.0f + exp(-row[i])) : exp(row[i] - top);
        scores[i] = score;
        total += score;
    }
    total = p.sigmoid != 0u ? 1.0f : simd_sum(total);
    for (uint i = lane; i < p.experts; i += LANES) {
        scores[i] /= total;
        wishes[i] = BIAS != 0u ? scores[i] + bias[i] : scores[i];
    }
    simdgroup_barrier(mem_flags::mem_threadgroup);
    if (p.groups > 1u) {
        const uint size = p.experts / p.groups;
        for (uint g = lane; g < p.groups; g += LANES) {
            float best = -INFINITY;
            float second = -INFINITY;
            for (uint i = g * size; i < (g + 1u) * size; i++) {
                if (wishes[i] > best) {
                    second = best;
                    best = wishes[i];
                } else {
                    second = max(second, wishes[i]);
                }
            }
            quality[g] = p.twoBest != 0u ? best + second : best;
        }
        simdgroup_barrier(mem_flags::mem_threadgroup);
        for (uint g = lane; g < p.groups; g += LANES) {
            // Of equals the earlier is better.
            uint better = 0;
            for (uint other = 0; other < p.groups; other++) {
                const bool wins = quality[other] > quality[g] || (quality[other] == quality[g] && other < g);
                better += wins ? 1u : 0u;
            }
            if (better >= p.keptGroups) {
                for (uint i = g * size; i < (g + 1u) * size; i++) wishes[i] = -INFINITY;
            }
        }
        simdgroup_barrier(mem_flags::mem_threadgroup);
    }
    float sum = 0.0f;
    float mine = 0.0f;
    for (uint c = 0; c < p.chosen; c++) {
        float best = -INFINITY;
        uint which = 0xffffffffu;
        for (uint i = lane; i < p.experts; i += LANES) {
            if (which == 0xffffffffu || wishes[i] > best) {
                best = wishes[i];
                which = i;
            }
        }
        for (ushort distance = 16; distance > 0; distance >>= 1) {
            const float otherBest = simd_shuffle_xor(best, distance);
            const uint other = simd_shuffle_xor(which, distance);
            if (other != 0xffffffffu && (which == 0xffffffffu || otherBest > best || (otherBest == best && other < which))) {
                best = otherBest;
                which = other;
            }
        }
        // Nobody looks at a wish any more when it is taken back.
        simdgroup_barrier(mem_flags::mem_threadgroup);
        const float share = scores[which];
        sum += share;
        if (lane == c % LANES) mine = share;
        if (lane == 0u) {
            chosen[position * p.chosen + c] = which;
            wishes[which] = -INFINITY;
        }
        simdgroup_barrier(mem_flags::mem_threadgroup);
        if ((c + 1u) % LANES == 0u && lane < LANES) shares[position * p.chosen + c + 1u - LANES + lane] = mine;
    }
    const uint rest = p.chosen / LANES * LANES;
    if (rest + lane < p.chosen) shares[position * p.chosen + rest + lane] = mine;
    // Each lane goes on with the shares that it wrote.
    const float factor = p.normalized != 0u ? p.factor / (sum + 1e-20f) : p.factor;
    for (uint c = lane; c < p.chosen; c += LANES) shares[position * p.chosen + c] *= factor;
}
