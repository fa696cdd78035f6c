// Read before every other file: what is fixed when a kernel is prepared, and how weights become numbers.
#include <metal_stdlib>
#include <metal_simdgroup>
#include <metal_simdgroup_matrix>
using namespace metal;

// How a weight lies in memory, see QuantFormat.
constant uint FORMAT [[function_constant(0)]];        // DENSE_F32 ..
constant uint BITS [[function_constant(1)]];          // of an affine code
constant uint GROUP [[function_constant(2)]];         // neighbours that share a scale
constant uint SCALE [[function_constant(3)]];         // F32, F16 or BF16
constant uint TILE_ROWS [[function_constant(4)]];     // of an FP8 tile
constant uint TILE_COLUMNS [[function_constant(5)]];
// What a kernel does besides.
constant uint NORM [[function_constant(6)]];          // the input is normed on the way
constant uint RESIDUAL [[function_constant(7)]];      // something is added to the result
constant uint BIAS [[function_constant(8)]];
constant uint LENGTH [[function_constant(9)]];        // rows of x, 1 to 8
constant uint GATING [[function_constant(10)]];       // SWIGLU or CLAMPED_SWIGLU
constant uint SHARED [[function_constant(11)]];       // a shared expert takes part
constant uint BLOCKS [[function_constant(12)]];       // 8 x 8 blocks of a value per simdgroup
constant uint SINKS [[function_constant(13)]];
constant uint HALF_CACHE [[function_constant(14)]];   // keys and values are stored as half

constant uint F32 = 0;
constant uint F16 = 1;
constant uint BF16 = 2;
constant uint E4M3 = 3;
constant uint E5M2 = 4;
constant uint FP8_TILES = 5;
constant uint AFFINE = 6;
constant uint MXFP4 = 7;
constant uint NVFP4 = 8;
constant uint MXFP8 = 9;
constant uint CLAMPED_SWIGLU = 1;
constant uint LANES = 32;

// Where a matrix lies in its buffers: offsets and strides in bytes, 64-bit numbers as two halves.
struct Matrix {
    uint valuesLow, valuesHigh, scalesLow, scalesHigh, biasesLow, biasesHigh;
    uint valueRowBytes, scaleRowBytes, biasRowBytes;
    uint firstRow;
    uint rows, columns;
};

inline ulong joined(uint low, uint high) { return ulong(low) | (ulong(high) << 32); }

inline float bfloat_number(ushort bits) { return as_type<float>(uint(bits) << 16); }

inline float e4m3_number(uint code) {
    const uint exponent = (code >> 3) & 15u;
    const uint mantissa = code & 7u;
    const float size = exponent == 0u ? float(mantissa) * 0.001953125f : as_type<float>(((exponent + 120u) << 23) | (mantissa << 20));
    return (code & 128u) != 0u ? -size : size;
}

inline float e5m2_number(uint code) { return float(as_type<half>(ushort(code << 8))); }

inline float e2m1_number(uint code) {
    const uint exponent = (code >> 1) & 3u;
    const uint mantissa = code & 1u;
    const float size = exponent == 0u ? 0.5f * float(mantissa) : as_type<float>(((exponent + 126u) << 23) | (mantissa << 22));
    return (code & 8u) != 0u ? -size : size;
}

inline float power_of_two(uint code) { return code == 0u ? as_type<float>(0x00400000u) : as_type<float>(code << 23); }

inline float rounded_to_bfloat(float value) {
    const uint bits = as_type<uint>(value);
    return as_type<float>((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

inline float scale_number(device const uchar* row, uint index) {
    if (SCALE == BF16) return bfloat_number(((device const ushort*)row)[index]);
    if (SCALE == F16) return float(((device const half*)row)[index]);
    return ((device const float*)row)[index];
}

// Eight neighbouring codes of an affine row: BITS bytes.
inline void affine_codes(device const uchar* row, uint k, thread float* w) {
    if (BITS == 4u) {
        const uint packed = *(device const uint*)(row + k / 2u);
        for (uint i = 0; i < 8u; i++) w[i] = float((packed >> (4u * i)) & 15u);
        return;
    }
    if (BITS == 8u) {
        const uint low = *(device const uint*)(row + k);
        const uint high = *(device const uint*)(row + k + 4u);
        for (uint i = 0; i < 4u; i++) {
            w[i] = float((low >> (8u * i)) & 255u);
            w[i + 4u] = float((high >> (8u * i)) & 255u);
        }
        return;
    }
    device const uchar* bytes = row + k / 8u * BITS;
    ulong packed = 0;
    for (uint i = 0; i < BITS; i++) packed |= ulong(bytes[i]) << (8u * i);
    const ulong mask = (1u << BITS) - 1u;
    for (uint i = 0; i < 8u; i++) w[i] = float(uint((packed >> (BITS * i)) & mask));
}

// The numbers k .. k + 7 of a row, zeros behind its end. Groups are multiples of 8, so one scale serves.
inline void weights(constant Matrix& m, uint firstRow, device const uchar* values, device const uchar* scales, device const uchar* biases,
                    uint row, uint k, thread float* w) {
    device const uchar* codes = values + ulong(row) * m.valueRowBytes;
    if (FORMAT == AFFINE) {
        affine_codes(codes, k, w);
        const float scale = scale_number(scales + ulong(row) * m.scaleRowBytes, k / GROUP);
        const float bias = scale_number(biases + ulong(row) * m.biasRowBytes, k / GROUP);
        for (uint i = 0; i < 8u; i++) w[i] = scale * w[i] + bias;
    } else if (FORMAT == MXFP4 || FORMAT == NVFP4) {
        const uint packed = *(device const uint*)(codes + k / 2u);
        const uint code = scales[ulong(row) * m.scaleRowBytes + k / (FORMAT == MXFP4 ? 32u : 16u)];
        const float scale = FORMAT == MXFP4 ? power_of_two(code) : e4m3_number(code);
        for (uint i = 0; i < 8u; i++) w[i] = scale * e2m1_number((packed >> (4u * i)) & 15u);
    } else if (FORMAT == MXFP8) {
        const float scale = power_of_two(scales[ulong(row) * m.scaleRowBytes + k / 32u]);
        for (uint i = 0; i < 8u; i++) w[i] = scale * e4m3_number(codes[k + i]);
    } else {
        for (uint i = 0; i < 8u; i++) {
            w[i] = 0.0f;
            if (k + i < m.columns) {
                if (FORMAT == F32) w[i] = ((device const float*)codes)[k + i];
                else if (FORMAT == F16) w[i] = float(((device const half*)codes)[k + i]);
                else if (FORMAT == BF16) w[i] = bfloat_number(((device const ushort*)codes)[k + i]);
                else if (FORMAT == E5M2) w[i] = e5m2_number(codes[k + i]);
                else w[i] = e4m3_number(codes[k + i]);
            }
        }
        if (FORMAT == FP8_TILES) {
            device const uchar* tiles = scales + ulong((firstRow + row) / TILE_ROWS) * m.scaleRowBytes;
            for (uint i = 0; i < 8u; i++) {
                if (k + i < m.columns) w[i] = rounded_to_bfloat(w[i] * ((device const float*)tiles)[(k + i) / TILE_COLUMNS]);
            }
        }
    }
}

// Eight numbers of x, zeros behind its end.
inline void numbers(device const float* x, uint k, uint columns, thread float* out) {
    for (uint i = 0; i < 8u; i++) out[i] = k + i < columns ? x[k + i] : 0.0f;
}

// What one lane adds to a product of a row with x: for affine weights the bias costs one multiplication per group.
inline float partial_product(constant Matrix& m, uint firstRow, device const uchar* values, device const uchar* scales,
                             device const uchar* biases, uint row, uint k, thread const float* x, float sum) {
    float w[8];
    float product = 0.0f;
    if (FORMAT == AFFINE) {
        affine_codes(values + ulong(row) * m.valueRowBytes, k, w);
        for (uint i = 0; i < 8u; i++) product += w[i] * x[i];
        return scale_number(scales + ulong(row) * m.scaleRowBytes, k / GROUP) * product
            + scale_number(biases + ulong(row) * m.biasRowBytes, k / GROUP) * sum;
    }
    weights(m, firstRow, values, scales, biases, row, k, w);
    for (uint i = 0; i < 8u; i++) product += w[i] * x[i];
    return product;
}

inline float gated(float gate, float up, float limit, float slope) {
    if (GATING == CLAMPED_SWIGLU) {
        const float g = min(gate, limit);
        const float u = clamp(up, -limit, limit);
        return g / (1.0f + exp(-slope * g)) * (u + 1.0f);
    }
    return gate / (1.0f + exp(-gate)) * up;
}
