package studio.atelier.app.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import studio.atelier.app.library.PictureArchive;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.Colours;
import studio.atelier.engine.image.PictureFile;
import studio.atelier.engine.image.Provenance;

/**
 * The pictures that are kept: files in a folder, and what is known of them in the archive. The file is there before it is
 * written down, so that nothing written down is ever missing. Calls may take as long as a disk does.
 */
public final class PictureFolder {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int COLOURS = 8;

    private final Path folder;
    private final PictureArchive archive;
    private final Clock clock;

    public PictureFolder(Path folder, PictureArchive archive, Clock clock) {
        this.folder = folder;
        this.archive = archive;
        this.clock = clock;
    }

    public PictureArchive archive() {
        return archive;
    }

    /** Where a picture's file lies. */
    public Path fileOf(SavedPicture picture) {
        return folder.resolve(picture.file());
    }

    /** Where a file of this name lies. */
    public Path fileOf(String name) {
        return folder.resolve(name);
    }

    /**
     * Reads a picture with all that its file says.
     *
     * @throws IOException in one sentence when it is gone or damaged
     */
    public PictureFile read(SavedPicture picture) throws IOException {
        Path file = fileOf(picture);
        if (!Files.exists(file)) {
            throw new IOException("The picture " + file + " is gone; put the file back, or delete the picture here.");
        }
        return PictureFile.read(file);
    }

    /** What is kept with a picture beside what its file says. */
    record Story(long thread, SavedPicture.Origin origin, String prompt, boolean whole, double seconds) {}

    /** Writes a picture's file and writes it down. */
    synchronized SavedPicture keep(PictureFile made, java.util.OptionalLong parent, Story story) throws IOException {
        Files.createDirectories(folder);
        String name = freeName();
        made.write(folder.resolve(name));
        List<String> colours = made.provenance()
                .map(Provenance::colours)
                .filter(all -> !all.isEmpty())
                .orElseGet(() -> Colours.measure(made.picture(), COLOURS).stream()
                        .map(measured -> Colours.hex(measured.rgb()))
                        .toList());
        return archive.add(new SavedPicture(
                0,
                story.thread(),
                parent,
                story.origin(),
                story.prompt(),
                made.provenance().map(Provenance::model).orElse(""),
                made.provenance().map(Provenance::seed).orElse(0L),
                made.picture().width(),
                made.picture().height(),
                made.provenance().map(Provenance::alpha).orElse(made.picture().opaque() ? "none" : ""),
                colours,
                story.whole(),
                story.seconds(),
                name,
                clock.instant()));
    }

    private String freeName() {
        String stamp = STAMP.format(clock.instant());
        String name = stamp + ".png";
        for (int attempt = 2; Files.exists(folder.resolve(name)); attempt++) {
            name = stamp + "-" + attempt + ".png";
        }
        return name;
    }
}
