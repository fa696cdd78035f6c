package studio.atelier.app.images;

import studio.atelier.engine.image.PictureModelInfo;
import studio.atelier.engine.image.PictureRequest;
import studio.atelier.engine.image.PictureSize;

/** How much work goes into a picture. What that means is the model's matter. */
public enum Quality {
    DRAFT(2, 0.5),
    STANDARD(4, 1),
    BEST(8, 2);

    private static final int STARTER_CELL_PIXELS = 64;
    private static final int STARTER_CELLS = 12;

    private final int flowSteps;
    private final double scale;

    Quality(int flowSteps, double scale) {
        this.flowSteps = flowSteps;
        this.scale = scale;
    }

    /** The request with this much work, as the model understands it. */
    PictureRequest applied(PictureRequest request, PictureModelInfo model) {
        if (this == STANDARD) {
            return request;
        }
        return switch (Kind.of(model)) {
            case FLOW -> request.withSteps(flowSteps);
            // It reads the prompt twice for every code; a draft goes without the second reading.
            case CODES -> this == DRAFT ? request.withGuidance(1) : request;
            // Its pictures are shapes, which are sharp at any size.
            case SHAPES -> request.sources().isEmpty() ? request.withSize(scaled(request)) : request;
        };
    }

    private PictureSize scaled(PictureRequest request) {
        PictureSize form = request.size().orElse(PictureSize.SQUARE);
        if (!form.ratio()) {
            return form;
        }
        double side = STARTER_CELLS * STARTER_CELL_PIXELS * scale / Math.max(form.width(), form.height());
        return new PictureSize((int) Math.round(form.width() * side), (int) Math.round(form.height() * side), false);
    }

    /** Where it is said what this quality means for a model. */
    String key(PictureModelInfo model) {
        return "images.quality." + name().toLowerCase(java.util.Locale.ROOT) + "."
                + Kind.of(model).name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Where its name is looked up. */
    String key() {
        return "images.quality." + name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The ways models work, as far as the work can be chosen. */
    private enum Kind {
        FLOW,
        CODES,
        SHAPES;

        static Kind of(PictureModelInfo model) {
            return model.transparency() ? SHAPES : model.edits() ? FLOW : CODES;
        }
    }
}
