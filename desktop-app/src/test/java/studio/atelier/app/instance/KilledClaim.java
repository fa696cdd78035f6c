package studio.atelier.app.instance;

import java.nio.file.Path;

/** A program that is a folder's window, and says what it hears, until it is killed. */
final class KilledClaim {
    private KilledClaim() {}

    public static void main(String[] arguments) throws Exception {
        OneWindow window = OneWindow.claim(Path.of(arguments[0])).orElseThrow();
        window.listen(System.out::println);
        System.out.println("claimed");
        Thread.sleep(Long.MAX_VALUE);
    }
}
