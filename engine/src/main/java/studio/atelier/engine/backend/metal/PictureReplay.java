package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Tensor;

/** Computes recorded operations on pictures on the processor, see {@link CpuReplay}. */
final class PictureReplay {
    private PictureReplay() {}

    /**
     * Computes one.
     *
     * @param on what the processor holds of an input
     */
    static Tensor run(PictureWork work, Backend cpu, Function<Input, Tensor> on) {
        PictureOperations pictures = cpu.pictures().orElseThrow();
        return switch (work) {
            case PictureWork.Convolve(Input x, var filter, var bias, var window) ->
                pictures.convolve(on.apply(x), filter, bias.map(on), window);
            case PictureWork.GroupNorm(Input x, Input weight, Input bias, int groups, float epsilon, var then) ->
                pictures.groupNorm(on.apply(x), on.apply(weight), on.apply(bias), groups, epsilon, then);
            case PictureWork.LayerNorm(Input x, var weight, var bias, float epsilon) ->
                pictures.layerNorm(on.apply(x), weight.map(on), bias.map(on), epsilon);
            case PictureWork.Activate(Input x, var activation) -> pictures.activate(on.apply(x), activation);
            case PictureWork.Doubled(Input x) -> pictures.doubled(on.apply(x));
            case PictureWork.AttendAll attend -> attend(attend, cpu, pictures, on);
            case PictureWork.Modulate(Input x, Input shift, Input scale) ->
                pictures.modulate(on.apply(x), on.apply(shift), on.apply(scale));
            case PictureWork.AddGated(Input x, Input gate, Input y) ->
                pictures.addGated(on.apply(x), on.apply(gate), on.apply(y));
            case PictureWork.Turn(Input x, Input cosines, Input sines) -> {
                Tensor copy = pictures.rows(on.apply(x), 0, x.shape().axis(0));
                pictures.rotate(
                        copy, new RotaryTable(floats(on.apply(cosines)), floats(on.apply(sines)), cosines.width()));
                yield copy;
            }
            case PictureWork.Rows(Input x, int from, int to) -> pictures.rows(on.apply(x), from, to);
            case PictureWork.Stack(List<Input> parts) ->
                pictures.stack(parts.stream().map(on).toList());
        };
    }

    private static Tensor attend(
            PictureWork.AttendAll attend, Backend cpu, PictureOperations pictures, Function<Input, Tensor> on) {
        Tensor queries = on.apply(attend.queries());
        Tensor keys = on.apply(attend.keys());
        Tensor values = on.apply(attend.values());
        return attend.first() >= attend.keyCount() - 1
                ? pictures.attendAll(queries, keys, values, attend.scale())
                : cpu.attend(queries, keys, values, Optional.empty(), Attending.all(attend.scale()), attend.first());
    }

    private static float[] floats(Tensor tensor) {
        float[] numbers = new float[tensor.shape().size()];
        tensor.copyTo(numbers);
        return numbers;
    }
}
