package studio.atelier.models.convert;

import java.net.URI;
import java.nio.file.Path;
import studio.atelier.models.hostile.Visitor;

/** A program that quantizes what arrives until it is done or killed. */
final class KilledQuantizer {
    private KilledQuantizer() {}

    public static void main(String[] arguments) throws Exception {
        try (Visitor visitor = new Visitor(URI.create(arguments[0]), Path.of(arguments[1]))) {
            ArrivingQuantizerTest.quantize(visitor, Path.of(arguments[2]));
        }
        System.exit(0);
    }
}
