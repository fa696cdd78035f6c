package studio.atelier.models.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;

/** A program that downloads until it is done or killed; what stops it is said on its output. */
final class KilledDownload {
    private static final int REFUSED = 7;

    private KilledDownload() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (Visitor visitor = new Visitor(URI.create(arguments[0]), Path.of(arguments[1]))) {
            visitor.download();
        } catch (HubException e) {
            System.out.println(e.reason() + ": " + e.getMessage());
            System.exit(REFUSED);
        }
        System.exit(0);
    }
}
