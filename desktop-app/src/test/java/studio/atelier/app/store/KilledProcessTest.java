package studio.atelier.app.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.library.Message;

final class KilledProcessTest {
    @Test
    void whatWasWrittenBeforeTheKillIsThere(@TempDir Path folder) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int reached = 0;
        try (BufferedReader progress = process.inputReader()) {
            String line;
            while (reached < 25 && (line = progress.readLine()) != null) {
                reached = Integer.parseInt(line);
            }
            assertEquals(25, reached, "the child ended early");
            FolderInUseException refusal =
                    assertThrows(FolderInUseException.class, () -> ConversationStore.open(folder, Clock.systemUTC()));
            assertTrue(refusal.getMessage().contains("already running"), refusal.getMessage());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertTrue(Files.size(folder.resolve("chats.db-wal")) > 0, "the child closed its file in order");
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC())) {
            assertTrue(store.damagedFile().isEmpty());
            long id = store.list().getFirst().id();
            List<Message> messages =
                    store.messages(id).stream().map(row -> row.message()).toList();
            assertEquals(2, messages.size());
            Message answer = messages.get(1);
            assertTrue(answer.text().contains("word" + reached + " "), answer.text());
            assertEquals("I count.", answer.reasoning());
            assertEquals(Message.End.STOPPED, answer.end());
            assertEquals(List.of(id), store.search("word" + reached));
        }
    }
}
