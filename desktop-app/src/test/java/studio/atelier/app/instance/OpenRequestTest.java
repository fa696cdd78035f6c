package studio.atelier.app.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OpenRequestTest {
    @Test
    void linkNamesARepository() {
        OpenRequest expected = new OpenRequest.Repository("mlx-community/Qwen3-4B-4bit");
        assertEquals(Optional.of(expected), OpenRequest.of("atelier://models/mlx-community/Qwen3-4B-4bit"));
        assertEquals(Optional.of(expected), OpenRequest.of("ATELIER://models/mlx-community/Qwen3-4B-4bit/"));
        assertEquals(Optional.of(expected), OpenRequest.of(expected.text()));
    }

    @Test
    void otherLinksAreKnownToBeUnknown() {
        for (String link : new String[] {
            "atelier://models/owner",
            "atelier://models/../../etc/passwd",
            "atelier://models/owner/name?run=1",
            "atelier://page/chat.html",
            "atelier:models/owner/name",
            "atelier://models/owner/" + "x".repeat(200)
        }) {
            assertInstanceOf(OpenRequest.Unknown.class, OpenRequest.of(link).orElseThrow(), link);
        }
    }

    @Test
    void filesOfOurKindsAreOpenedAndAllElseIsACommand() {
        Path model = Path.of("some model.gguf").toAbsolutePath();
        assertEquals(Optional.of(new OpenRequest.ModelFile(model)), OpenRequest.of("some model.gguf"));
        assertEquals(
                Optional.of(new OpenRequest.ModelFile(model)),
                OpenRequest.of(model.toUri().toString()));
        assertEquals(
                Optional.of(new OpenRequest.ChatFile(Path.of("a.atelier-chat").toAbsolutePath())),
                OpenRequest.of("a.atelier-chat"));
        assertEquals(Optional.empty(), OpenRequest.of("chat"));
        assertEquals(Optional.empty(), OpenRequest.of("--help"));
        assertEquals(Optional.empty(), OpenRequest.of("file:relative.gguf"));
    }
}
