package studio.atelier.app.theme;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import javafx.scene.text.Font;
import studio.atelier.assets.Assets;

/** The fonts that come with the program, so that the window looks alike everywhere. */
public final class Fonts {
    private static final Logger LOG = System.getLogger(Fonts.class.getName());
    private static final List<String> FILES = List.of(
            "Inter-Regular.ttf",
            "Inter-Medium.ttf",
            "Inter-SemiBold.ttf",
            "Inter-Italic.ttf",
            "JetBrainsMono-Regular.ttf");

    /** Families that have Chinese in a bold weight, on the systems that have them. */
    private static final List<String> CHINESE =
            List.of("PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC");

    private Fonts() {}

    /**
     * The family for emphasized Chinese. The program's own fonts have none, and what stands in for them is never bold.
     *
     * @return empty when the system has no such family
     */
    static Optional<String> chinese() {
        List<String> installed = Font.getFamilies();
        return CHINESE.stream().filter(installed::contains).findFirst();
    }

    /** Makes them known to the style sheets; one that can't be read leaves its place to the system's font. */
    public static void load() {
        for (String file : FILES) {
            try (InputStream in = Assets.open("fonts/" + file)) {
                Font.loadFont(in, 13);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the font " + file + " can't be read", e);
            }
        }
    }
}
