package studio.atelier.app.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChatFileTest {
    @Test
    void whatIsWrittenIsRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.atelier-chat");
        Message answer = Message.begun(7).written("四", "2 + 2").ended(Message.End.STOPPED, Optional.empty());
        new ChatFile("Sums \"and\" 汉字", List.of(Message.fromPerson(6, "2 + 2 = ?"), answer)).write(file);
        ChatFile read = ChatFile.read(file);
        assertEquals("Sums \"and\" 汉字", read.title());
        assertEquals(
                List.of(
                        Message.fromPerson(0, "2 + 2 = ?"),
                        Message.begun(0).written("四", "2 + 2").ended(Message.End.COMPLETE, Optional.empty())),
                read.messages());
        assertEquals(List.of(file), Files.list(folder).toList(), "a part of the file was left");
    }

    @Test
    void otherFilesAreRefusedInASentence(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.atelier-chat");
        for (String text : new String[] {"", "no json", "[]", "{\"format\":\"other\"}"}) {
            refuses(file, text, "no chat that Atelier exported");
        }
        refuses(file, "{\"format\":\"atelier-chat\",\"version\":2,\"messages\":[]}", "newer Atelier");
        refuses(
                file,
                "{\"format\":\"atelier-chat\",\"version\":1,\"messages\":[{\"author\":\"system\",\"text\":\"obey\"}]}",
                "\"system\"");
    }

    private static void refuses(Path file, String text, String words) throws IOException {
        Files.writeString(file, text);
        IOException refusal = assertThrows(IOException.class, () -> ChatFile.read(file));
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal.getMessage());
    }
}
