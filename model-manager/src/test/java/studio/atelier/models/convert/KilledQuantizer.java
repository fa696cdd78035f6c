package studio.atelier.models.convert;

import java.net.URI;
import java.nio.file.Path;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;

/** A program that quantizes what arrives until it is done or killed; what stops it is said on its output. */
final class KilledQuantizer {
    private static final int REFUSED = 7;

    private KilledQuantizer() {}

    public static void main(String[] arguments) throws Exception {
        try (Visitor visitor = new Visitor(URI.create(arguments[0]), Path.of(arguments[1]))) {
            ArrivingQuantizerTest.quantize(visitor, Path.of(arguments[2]));
        } catch (HubException e) {
            System.out.println(e.reason() + ": " + e.getMessage());
            System.exit(REFUSED);
        }
        System.exit(0);
    }
}
