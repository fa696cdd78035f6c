package studio.atelier.engine.backend.metal;

import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;

/** Bytes of weights, counted from formats. */
final class WeightSizes {
    private WeightSizes() {}

    /** All bytes that a product with this matrix reads. */
    static long bytes(Weight weight) {
        return weight.rows() * rowBytes(weight);
    }

    /** Bytes of one row, values and its share of the scales. */
    static long rowBytes(Weight weight) {
        long values = (long) weight.columns() * weight.format().bitsPerValue() / 8;
        return values
                + switch (weight.format()) {
                    case QuantFormat.Dense _ -> 0;
                    case QuantFormat.Fp8Tiles tiles ->
                        4L * Math.ceilDiv(weight.columns(), tiles.tileColumns()) / tiles.tileRows();
                    case QuantFormat.Affine affine ->
                        2L * affine.scaleType().sizeBytes() * (weight.columns() / affine.groupSize());
                    case QuantFormat.Mxfp4 _, QuantFormat.Mxfp8 _ -> weight.columns() / 32;
                    case QuantFormat.Nvfp4 _ -> weight.columns() / 16;
                };
    }
}
