package studio.atelier.engine.image;

import java.util.List;
import java.util.OptionalInt;

/** The colours behind a plan's slots: those that were named, and for what was left open those that stand out. */
final class MosaicColours {
    private static final List<Integer> LIGHT_GROUND = List.of(0xE8590C, 0x1971C2, 0x2F9E44, 0x343A40);
    private static final List<Integer> DARK_GROUND = List.of(0xFFA94D, 0x74C0FC, 0x8CE99A, 0xF8F9FA);
    private static final double NEAR = 90;

    private final List<Integer> palette;
    private final OptionalInt ground;

    /**
     * For one picture.
     *
     * @param ground its background, {@code 0xRRGGBB}; empty when that is transparent
     */
    MosaicColours(List<Integer> palette, OptionalInt ground) {
        this.palette = List.copyOf(palette);
        this.ground = ground;
    }

    int rgb(String slot) {
        OptionalInt named = MosaicStep.number(slot, 'c');
        if (named.isPresent() && named.getAsInt() < palette.size()) {
            return palette.get(named.getAsInt());
        }
        int plain = MosaicStep.number(slot, 'p').orElse(0) % LIGHT_GROUND.size();
        int usual = LIGHT_GROUND.get(plain);
        return ground.isPresent() && (dark(ground.getAsInt()) || distance(usual, ground.getAsInt()) < NEAR)
                ? DARK_GROUND.get(plain)
                : usual;
    }

    private static boolean dark(int rgb) {
        return 299 * (rgb >> 16 & 255) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255) < 100_000;
    }

    private static double distance(int a, int b) {
        double sum = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            double difference = (a >> shift & 255) - (b >> shift & 255);
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }
}
