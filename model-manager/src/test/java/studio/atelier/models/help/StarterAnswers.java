package studio.atelier.models.help;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;

/**
 * Puts questions to the starter model through the program's own search and engine: {@code StarterAnswers FOLDER IN OUT
 * [BACKEND]}.
 * IN is in the form that {@link HelpQuestions} reads; OUT gets one answer per line as a JSON string.
 */
final class StarterAnswers {
    private StarterAnswers() {}

    public static void main(String[] args) throws IOException, EngineException {
        ObjectMapper json = new ObjectMapper();
        try (StarterChat chat = StarterChat.open(
                        Path.of(args[0]), BackendChoice.parse(args.length > 3 ? args[3] : "automatic"));
                BufferedWriter out = Files.newBufferedWriter(Path.of(args[2]))) {
            for (String line : Files.readAllLines(Path.of(args[1]))) {
                out.write(json.writeValueAsString(chat.answer(line.split("\t", 4)[3])) + "\n");
            }
        }
    }
}
