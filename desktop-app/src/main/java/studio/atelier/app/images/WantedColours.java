package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.Colours;

/** The hex colours that were asked for, beside those that were measured. */
final class WantedColours {
    private static final Pattern HEX = Pattern.compile("#[0-9a-fA-F]{6}\\b|#[0-9a-fA-F]{3}\\b");

    private WantedColours() {}

    /**
     * A colour that was asked for.
     *
     * @param measured whether the picture has exactly this colour
     */
    record Wanted(int rgb, boolean measured) {}

    /** Of the words of a picture and of those it was made from. */
    static List<Wanted> of(SavedPicture picture, List<String> words) {
        Set<Integer> colours = new LinkedHashSet<>();
        for (String text : words) {
            Matcher matcher = HEX.matcher(text);
            while (matcher.find()) {
                Colours.parse(matcher.group()).ifPresent(colours::add);
            }
        }
        List<Wanted> wanted = new ArrayList<>();
        colours.forEach(rgb -> wanted.add(new Wanted(rgb, picture.colours().contains(Colours.hex(rgb)))));
        return wanted;
    }
}
