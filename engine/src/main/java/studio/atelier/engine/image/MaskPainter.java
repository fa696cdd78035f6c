package studio.atelier.engine.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Decodes cells of the starter model: each names a part of a mask and a colour, and what lies under it. Colours come out
 * exactly; edges are mixed with what is behind, or become transparent.
 */
final class MaskPainter {
    private final MosaicLexicon lexicon;
    private final int columns;
    private final int cellPixels;
    private final int left;
    private final int top;
    private final int width;
    private final int height;
    private final int background;
    private final MosaicPlaces places;
    private final ToIntFunction<String> colours;
    private final int[] argb;
    private int filledRows;
    private final Map<String, int[]> masks = new HashMap<>();

    /**
     * An empty picture.
     *
     * @param width in pixels; cells are as large as fit, and stand in the middle
     * @param background as ARGB
     * @param places where things stand exactly
     * @param colours what a slot such as {@code c0} is, {@code 0xRRGGBB}
     */
    MaskPainter(
            MosaicLexicon lexicon,
            MosaicLexicon.Form form,
            int width,
            int height,
            int background,
            MosaicPlaces places,
            ToIntFunction<String> colours) {
        this.lexicon = lexicon;
        this.columns = form.columns();
        this.cellPixels = Math.max(1, Math.min(width / form.columns(), height / form.rows()));
        this.left = (width - columns * cellPixels) / 2;
        this.top = (height - form.rows() * cellPixels) / 2;
        this.width = width;
        this.height = height;
        this.background = background;
        this.places = places;
        this.colours = colours;
        this.argb = new int[width * height];
    }

    /** Paints the next cell; the first of a row brings the background, as far down as things of that row may reach. */
    void paint(int cell, MosaicStep step) {
        int row = cell / columns;
        int column = cell % columns;
        if (column == 0) {
            fill(top + (row + 2) * cellPixels);
        }
        boolean under = step.names().stream().anyMatch(name -> name.startsWith("u:z"));
        if (under) {
            List<String> lower = step.names().stream()
                    .filter(name -> name.startsWith("u:"))
                    .map(name -> name.substring(2))
                    .toList();
            thing(row, column, new MosaicStep(lower));
        }
        if (!step.kind().equals(MosaicStep.EMPTY)) {
            thing(row, column, step);
        }
    }

    /** What lies below the last cells. */
    void finish() {
        fill(height);
    }

    private void fill(int rows) {
        int to = Math.min(height, rows);
        if (to > filledRows) {
            Arrays.fill(argb, filledRows * width, to * width, background);
            filledRows = to;
        }
    }

    private void thing(int row, int column, MosaicStep step) {
        int size = step.number('z').orElse(0);
        int down = step.number('i').orElse(0);
        int across = step.number('j').orElse(0);
        if (size == 0 || down >= size || across >= size) {
            return;
        }
        int side = size * cellPixels;
        int[] mask = masks.computeIfAbsent(step.kind() + " " + size, _ -> mask(step.kind(), side));
        int rgb = colours.applyAsInt(step.slot().orElse("p0")) & 0xFFFFFF;
        MosaicPlaces.Shift shift = places.of(step.kind(), size, row - down, column - across);
        int firstRow = top + row * cellPixels + (int) Math.round(shift.down() * cellPixels);
        int firstColumn = left + column * cellPixels + (int) Math.round(shift.across() * cellPixels);
        for (int y = Math.max(0, -firstRow); y < Math.min(cellPixels, height - firstRow); y++) {
            int from = (down * cellPixels + y) * side + across * cellPixels;
            int to = (firstRow + y) * width + firstColumn;
            for (int x = Math.max(0, -firstColumn); x < Math.min(cellPixels, width - firstColumn); x++) {
                argb[to + x] = over(rgb, mask[from + x], argb[to + x]);
            }
        }
    }

    /** A colour with some coverage, 0 to 255, laid on straight ARGB. */
    static int over(int rgb, int coverage, int behind) {
        if (coverage == 0) {
            return behind;
        }
        int behindAlpha = (behind >>> 24) * (255 - coverage) / 255;
        int alpha = coverage + behindAlpha;
        int mixed = alpha;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int front = rgb >> shift & 255;
            int back = behind >> shift & 255;
            mixed = mixed << 8 | (front * coverage + back * behindAlpha + alpha / 2) / alpha;
        }
        return mixed;
    }

    private int[] mask(String kind, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Color.WHITE);
        graphics.fill(AffineTransform.getScaleInstance(side, side).createTransformedShape(shape(kind)));
        graphics.dispose();
        int[] coverage = image.getRGB(0, 0, side, side, null, 0, side);
        for (int i = 0; i < coverage.length; i++) {
            coverage[i] >>>= 24;
        }
        return coverage;
    }

    private Shape shape(String kind) {
        if (kind.startsWith("l:")) {
            return MaskShapes.letter(lexicon.outlines().getOrDefault(kind.substring(2), ""));
        }
        return MaskShapes.of(MosaicStep.bare(kind), kind.startsWith("o:"));
    }

    /** What there is by now; rows still to come are transparent. */
    Picture picture() {
        return Picture.of(width, height, argb);
    }
}
