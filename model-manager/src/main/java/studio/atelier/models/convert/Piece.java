package studio.atelier.models.convert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.tensor.Weight;

/**
 * Rows of an output that can be computed from one file of the source.
 *
 * @param firstRow of the output
 * @param rows the same rows, counted from 0
 */
record Piece(Output output, long firstRow, Rows rows) {
    /** All that one file gives, in the outputs' order. */
    static List<Piece> of(Path file, Collection<Output> outputs, Map<String, Path> fileOfTensor) {
        List<Piece> pieces = new ArrayList<>();
        for (Output output : outputs) {
            List<Weight> matrices = output.rows().matrices();
            int begin = 0;
            while (begin < matrices.size()) {
                boolean mine = file.equals(fileOfTensor.get(matrices.get(begin).name()));
                int end = begin + 1;
                while (end < matrices.size()
                        && mine
                                == file.equals(
                                        fileOfTensor.get(matrices.get(end).name()))) {
                    end++;
                }
                if (mine) {
                    pieces.add(cut(output, matrices, begin, end));
                }
                begin = end;
            }
        }
        return pieces;
    }

    private static Piece cut(Output output, List<Weight> matrices, int begin, int end) {
        if (begin == 0 && end == matrices.size()) {
            return new Piece(output, 0, output.rows());
        }
        long rowsOfEach = output.rows().count() / matrices.size();
        return new Piece(output, begin * rowsOfEach, output.rows().of(matrices.subList(begin, end)));
    }

    /** The output as if it had these rows only. */
    Output alone() {
        return new Output(output.name(), rows, output.type(), output.scheme());
    }
}
