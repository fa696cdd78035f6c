package studio.atelier.app.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.library.PictureArchive;
import studio.atelier.app.library.SavedPicture;

final class PictureStoreTest {
    @TempDir
    Path folder;

    @Test
    void keepsThreadsAcrossStarts() throws IOException {
        SavedPicture first;
        SavedPicture second;
        SavedPicture other;
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC())) {
            PictureArchive pictures = store.pictures();
            first = pictures.add(picture("three hearts", 0, OptionalLong.empty()));
            second = pictures.add(picture("make them #ff8800", first.thread(), OptionalLong.of(first.id())));
            other = pictures.add(picture("a tree", 0, OptionalLong.empty()));
        }
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC())) {
            assertEquals(List.of(other, second, first), store.pictures().list());
            assertEquals(List.of(first, second), store.pictures().thread(first.thread()));
        }
    }

    @Test
    void findsWordsInBothLanguagesAndForgetsWhatWasDeleted() throws IOException {
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC())) {
            PictureArchive pictures = store.pictures();
            SavedPicture hearts = pictures.add(picture("three red hearts, 50% \"large\"", 0, OptionalLong.empty()));
            SavedPicture chinese = pictures.add(picture("三颗红色的心和一颗星星", 0, OptionalLong.empty()));
            assertEquals(List.of(hearts), pictures.search("HEARTS red"));
            assertEquals(List.of(hearts), pictures.search("50%"));
            assertEquals(List.of(hearts), pictures.search("\"large\""));
            assertEquals(List.of(chinese), pictures.search("星星"));
            assertEquals(List.of(chinese), pictures.search("红色的心"));
            assertEquals(List.of(), pictures.search("blue"));
            assertEquals(List.of(), pictures.search("  "));
            pictures.delete(hearts.id());
            assertEquals(List.of(), pictures.search("hearts"));
            assertEquals(List.of(chinese), pictures.list());
            pictures.restore(hearts.id());
            assertEquals(List.of(hearts), pictures.search("hearts"));
        }
    }

    private static SavedPicture picture(String prompt, long thread, OptionalLong parent) {
        return new SavedPicture(
                0,
                thread,
                parent,
                SavedPicture.Origin.DRAWN,
                prompt,
                "Janus",
                1L << 40,
                64,
                48,
                "native",
                List.of("#ff0000", "#00ff00"),
                true,
                1.5,
                "a.png",
                Instant.EPOCH);
    }
}
