package studio.atelier.models.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import studio.atelier.models.hostile.Visitor;

/** A program that downloads until it is done or killed. */
final class KilledDownload {
    private KilledDownload() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (Visitor visitor = new Visitor(URI.create(arguments[0]), Path.of(arguments[1]))) {
            visitor.download();
        }
        System.exit(0);
    }
}
