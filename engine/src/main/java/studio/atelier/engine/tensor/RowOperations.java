package studio.atelier.engine.tensor;

import java.util.List;

/** Tensors cut and joined along their first axis, for processors that can; the rules of {@link Backend} hold. */
public interface RowOperations {
    /** Rows {@code [from, to)} along the first axis. */
    Tensor rows(Tensor x, int from, int to);

    /** One below the other along the first axis; all other axes alike. */
    Tensor stack(List<Tensor> parts);
}
