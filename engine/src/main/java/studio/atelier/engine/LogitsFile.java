package studio.atelier.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Logits as a safetensors file: a header of JSON, then the two tensors. */
final class LogitsFile {
    private LogitsFile() {}

    static void write(Logits result, Path file) throws IOException {
        int rows = result.logits().length / result.vocabularySize();
        long logitBytes = 4L * result.logits().length;
        long allBytes = logitBytes + 4L * result.greedyTokens().length;
        String header = "{\"logits\":{\"dtype\":\"F32\",\"shape\":[" + rows + "," + result.vocabularySize()
                + "],\"data_offsets\":[0," + logitBytes + "]},\"greedy_tokens\":{\"dtype\":\"I32\",\"shape\":["
                + result.greedyTokens().length + "],\"data_offsets\":[" + logitBytes + "," + allBytes + "]}}";
        byte[] text = header.concat(" ".repeat(-header.length() & 7)).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(little(8).putLong(text.length).array());
            out.write(text);
            ByteBuffer row = little(4 * result.vocabularySize());
            for (int i = 0; i < rows; i++) {
                row.clear();
                row.asFloatBuffer().put(result.logits(), i * result.vocabularySize(), result.vocabularySize());
                out.write(row.array());
            }
            ByteBuffer greedy = little(4 * result.greedyTokens().length);
            greedy.asIntBuffer().put(result.greedyTokens());
            out.write(greedy.array());
        }
    }

    private static ByteBuffer little(int sizeBytes) {
        return ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
