package studio.atelier.app.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.library.Archive;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.library.Message;

final class ConversationStoreTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    Path folder;

    /** A clock that goes on by a second each time it is read. */
    private static final class Ticking extends Clock {
        private Instant now = START;

        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            now = now.plusSeconds(1);
            return now;
        }
    }

    private final Clock clock = new Ticking();

    private ConversationStore open() throws IOException {
        return ConversationStore.open(folder, clock);
    }

    private static Message answer(String text, Message.End end) {
        return Message.begun(0).written(text, "").ended(end, Optional.empty());
    }

    @Test
    void conversationsAndMessagesAreThereAgain() throws IOException {
        long first;
        Message question = Message.fromPerson(0, "为什么天空是蓝色的? 🌌");
        Message answer = Message.begun(0)
                .written("Rayleigh scattering, $1/\\lambda^4$.", "The person asks about the sky.")
                .from(new HelpPage("sky", "The sky"))
                .ended(Message.End.CUT_OFF, Optional.empty());
        try (ConversationStore store = open()) {
            first = store.create("天空");
            store.add(first, question);
            long row = store.add(first, Message.begun(0));
            store.update(first, row, answer);
            store.saveDraft(first, "and at dusk?");
            store.saveSettings(first, "{\"temperature\":0.3}");
            long second = store.create("Bread");
            store.rename(second, "Sourdough");
        }
        try (ConversationStore store = open()) {
            List<Archive.Entry> entries = store.list();
            assertEquals(
                    List.of("Sourdough", "天空"),
                    entries.stream().map(Archive.Entry::title).toList());
            Archive.Entry sky = entries.get(1);
            assertEquals(first, sky.id());
            assertEquals("and at dusk?", sky.draft());
            assertEquals(Optional.of("{\"temperature\":0.3}"), sky.settings());
            assertEquals(Optional.empty(), entries.get(0).settings());
            assertEquals(
                    List.of(question, answer),
                    store.messages(first).stream().map(Archive.Row::message).toList());
            assertTrue(store.damagedFile().isEmpty());
        }
    }

    @Test
    void addBringsTheConversationToTheTop() throws IOException {
        try (ConversationStore store = open()) {
            long old = store.create("old");
            long fresh = store.create("fresh");
            store.add(old, Message.fromPerson(0, "hello"));
            List<Archive.Entry> entries = store.list();
            assertEquals(
                    List.of(old, fresh), entries.stream().map(Archive.Entry::id).toList());
            assertTrue(entries.get(0).changedAt().isAfter(entries.get(1).changedAt()));
        }
    }

    @Test
    void deletedIsHiddenRestoredOrGone() throws IOException {
        try (ConversationStore store = open()) {
            long kept = store.create("kept secret");
            long gone = store.create("gone secret");
            store.add(gone, Message.fromPerson(0, "the verysecretword is here"));
            store.delete(kept);
            store.delete(gone);
            assertEquals(List.of(), store.list());
            assertEquals(List.of(), store.search("secret"));
            assertEquals(2, store.deleted().size());

            store.restore(kept);
            assertEquals(List.of(kept), store.search("secret"));
            assertEquals(0, store.purge(START));
            assertEquals(1, store.purge(clock.instant()));
            assertEquals(List.of(), store.deleted());
            assertEquals(List.of(), store.messages(gone));
            assertEquals(List.of(), store.search("verysecretword"));
        }
        String bytes = Files.readString(folder.resolve("chats.db"), StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains("kept secret"));
        assertTrue(!bytes.contains("verysecretword"), "a purged text is still in the file");
    }

    @Test
    void setAsideKeepsEarlierVersions() throws IOException {
        try (ConversationStore store = open()) {
            long id = store.create("versions");
            store.add(id, Message.fromPerson(0, "question one"));
            long answer = store.add(id, answer("first answer", Message.End.COMPLETE));
            store.setAside(id, answer);
            long second = store.add(id, answer("second answer", Message.End.COMPLETE));
            assertEquals(
                    List.of("question one", "second answer"),
                    store.messages(id).stream().map(row -> row.message().text()).toList());
            store.setAside(id, second);
            assertEquals(
                    List.of("first answer", "second answer"),
                    store.messagesSetAside(id).stream()
                            .map(row -> row.message().text())
                            .toList());
            assertEquals(List.of(), store.search("first answer"));
            assertEquals(List.of(id), store.search("question"));
        }
    }

    @Test
    void searchFindsWordsOfAnyLengthAndLanguage() throws IOException {
        try (ConversationStore store = open()) {
            long chinese = store.create("混合专家模型");
            store.add(chinese, Message.fromPerson(0, "量化会损失多少精度？"));
            long english = store.create("Quantization");
            store.add(english, Message.fromPerson(0, "What does 4-bit cost? It's 100% fine_print \"quoted\" C++"));
            store.add(english, answer("Café Über naïve", Message.End.COMPLETE));
            long other = store.create("Other");
            store.add(other, Message.fromPerson(0, "quantization in passing"));

            assertEquals(List.of(chinese), store.search("混合专家"));
            assertEquals(List.of(chinese), store.search("量化"));
            assertEquals(List.of(chinese), store.search("损"));
            assertEquals(List.of(chinese), store.search("专家 精度"));
            assertEquals(List.of(english, other), store.search("QUANTIZATION"));
            assertEquals(List.of(english), store.search("quantization bit"));
            assertEquals(List.of(english), store.search("c+"));
            assertEquals(List.of(english), store.search("0%"));
            assertEquals(List.of(english), store.search("e_p"));
            assertEquals(List.of(english), store.search("_p"));
            assertEquals(List.of(), store.search("_q"));
            assertEquals(List.of(english), store.search("\"quoted\""));
            assertEquals(List.of(english), store.search("cafe"));
            assertEquals(List.of(), store.search("NEAR(\" OR * AND"));
            assertEquals(List.of(), store.search("   "));
        }
    }

    @Test
    void searchFollowsWhatIsRewritten() throws IOException {
        try (ConversationStore store = open()) {
            long id = store.create("alpha title");
            long row = store.add(id, Message.begun(0));
            for (int length = 1; length <= 5; length++) {
                store.update(id, row, answer("lighthouse ".repeat(length), Message.End.RUNNING));
            }
            assertEquals(List.of(), store.search("lighthouse"));
            store.update(id, row, answer("lighthouse keeper", Message.End.COMPLETE));
            assertEquals(List.of(id), store.search("lighthouse"));
            store.update(id, row, answer("something else", Message.End.COMPLETE));
            assertEquals(List.of(), store.search("lighthouse"));
            store.rename(id, "beta title");
            assertEquals(List.of(), store.search("alpha"));
            assertEquals(List.of(id), store.search("beta"));
        }
    }

    @Test
    void openRefusesASecondProgramWithOneSentence() throws IOException {
        try (ConversationStore first = open()) {
            first.create("one");
            FolderInUseException refusal = assertThrows(FolderInUseException.class, this::open);
            assertTrue(refusal.getMessage().contains("already running"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(folder.toString()), refusal.getMessage());
        }
        open().close();
    }

    @Test
    void openSetsADamagedFileAside() throws IOException {
        Path file = folder.resolve("chats.db");
        byte[] noDatabase = "this is no database ".repeat(500).getBytes(StandardCharsets.UTF_8);
        Files.write(file, noDatabase);
        try (ConversationStore store = open()) {
            Path aside = store.damagedFile().orElseThrow();
            assertTrue(aside.getFileName().toString().startsWith("chats.db.damaged-2026-11-24"), aside.toString());
            assertEquals(noDatabase.length, Files.size(aside));
            assertEquals(List.of(), store.list());
            store.create("new beginning");
        }
        try (ConversationStore store = open()) {
            assertTrue(store.damagedFile().isEmpty());
            assertEquals(1, store.list().size());
        }
    }

    @Test
    void openNoticesDamageInTheMiddle() throws IOException {
        Path file = folder.resolve("chats.db");
        try (ConversationStore store = open()) {
            long id = store.create("long");
            for (int i = 0; i < 200; i++) {
                store.add(id, Message.fromPerson(0, "message " + i + " of many words ".repeat(20)));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 8192; i < bytes.length - 4096; i++) {
            bytes[i] ^= 0x5a;
        }
        Files.write(file, bytes);
        try (ConversationStore store = open()) {
            Path aside = store.damagedFile().orElseThrow();
            assertEquals(bytes.length, Files.size(aside));
        }
    }

    @Test
    void openRefusesTheFileOfANewerProgram() throws Exception {
        open().close();
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("chats.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA user_version = 99");
        }
        IOException refusal = assertThrows(IOException.class, this::open);
        assertTrue(refusal.getMessage().contains("newer Atelier"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("99"), refusal.getMessage());
        assertTrue(Files.exists(folder.resolve("chats.db")));
        try (var files = Files.list(folder)) {
            assertTrue(files.noneMatch(path -> path.toString().contains("damaged")));
        }
    }

    @Test
    void openNamesAFolderThatCanNotBeMade() throws IOException {
        Path inTheWay = Files.writeString(folder.resolve("file"), "x");
        IOException refusal =
                assertThrows(IOException.class, () -> ConversationStore.open(inTheWay.resolve("sub"), clock));
        assertTrue(refusal.getMessage().contains("can't be made"), refusal.getMessage());
    }

    @Test
    void writingAnAnswerStaysCheap() throws IOException {
        try (ConversationStore store = open()) {
            long id = store.create("speed");
            long row = store.add(id, Message.begun(0));
            String text = "word ".repeat(20_000);
            long start = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                store.update(id, row, answer(text + i, Message.End.RUNNING));
            }
            Duration each = Duration.ofNanos((System.nanoTime() - start) / 20);
            assertTrue(each.toMillis() < 200, "one write of 100 kB took " + each);
        }
    }
}
