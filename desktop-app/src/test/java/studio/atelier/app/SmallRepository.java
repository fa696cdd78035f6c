package studio.atelier.app;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A model of random numbers as a hub keeps it: eight layers of BF16 in a file each, and one with the embedding. */
final class SmallRepository {
    private static final int LAYERS = 8;
    private static final int SIZE = 512;
    private static final int VOCABULARY = 4_096;

    private final Map<String, byte[]> files = new TreeMap<>();

    private SmallRepository() {}

    static SmallRepository make() {
        SmallRepository made = new SmallRepository();
        String config = String.format(
                Locale.ROOT,
                "{\"model_type\":\"qwen3\",\"hidden_size\":%d,\"num_hidden_layers\":%d,\"intermediate_size\":%d,"
                        + "\"num_attention_heads\":8,\"num_key_value_heads\":4,\"head_dim\":64,\"vocab_size\":%d,"
                        + "\"rms_norm_eps\":1e-6,\"rope_theta\":10000,\"max_position_embeddings\":32768,"
                        + "\"tie_word_embeddings\":true,\"torch_dtype\":\"bfloat16\"}",
                SIZE,
                LAYERS,
                SIZE,
                VOCABULARY);
        made.files.put("config.json", config.getBytes(StandardCharsets.UTF_8));
        for (int layer = 0; layer < LAYERS; layer++) {
            String at = "model.layers." + layer + ".";
            Map<String, int[]> tensors = new TreeMap<>();
            tensors.put(at + "input_layernorm.weight", new int[] {SIZE});
            tensors.put(at + "post_attention_layernorm.weight", new int[] {SIZE});
            tensors.put(at + "self_attn.q_norm.weight", new int[] {64});
            tensors.put(at + "self_attn.k_norm.weight", new int[] {64});
            tensors.put(at + "self_attn.q_proj.weight", new int[] {SIZE, SIZE});
            tensors.put(at + "self_attn.k_proj.weight", new int[] {SIZE / 2, SIZE});
            tensors.put(at + "self_attn.v_proj.weight", new int[] {SIZE / 2, SIZE});
            tensors.put(at + "self_attn.o_proj.weight", new int[] {SIZE, SIZE});
            tensors.put(at + "mlp.gate_proj.weight", new int[] {SIZE, SIZE});
            tensors.put(at + "mlp.up_proj.weight", new int[] {SIZE, SIZE});
            tensors.put(at + "mlp.down_proj.weight", new int[] {SIZE, SIZE});
            made.files.put(name(layer), safetensors(tensors, layer));
        }
        Map<String, int[]> rest = new TreeMap<>();
        rest.put("model.embed_tokens.weight", new int[] {VOCABULARY, SIZE});
        rest.put("model.norm.weight", new int[] {SIZE});
        made.files.put(name(LAYERS), safetensors(rest, LAYERS));
        return made;
    }

    private static String name(int index) {
        return String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", index + 1, LAYERS + 1);
    }

    private static byte[] safetensors(Map<String, int[]> tensors, int seed) {
        StringBuilder header = new StringBuilder("{");
        int end = 0;
        for (Map.Entry<String, int[]> tensor : tensors.entrySet()) {
            int[] shape = tensor.getValue();
            int begin = end;
            end += 2 * shape[0] * (shape.length == 2 ? shape[1] : 1);
            header.append(header.length() == 1 ? "" : ",")
                    .append('"')
                    .append(tensor.getKey())
                    .append("\":{\"dtype\":\"BF16\",\"shape\":")
                    .append(java.util.Arrays.toString(shape))
                    .append(",\"data_offsets\":[")
                    .append(begin)
                    .append(',')
                    .append(end)
                    .append("]}");
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        Random random = new Random(seed);
        while (bytes.hasRemaining()) {
            bytes.putShort((short) (Float.floatToRawIntBits((random.nextFloat() - 0.5f) / 8) >>> 16));
        }
        return bytes.array();
    }

    /** The bytes of a file; none of one that is not there. */
    byte[] content(String name) {
        return files.getOrDefault(name, new byte[0]);
    }

    /** As the hub lists it. */
    String tree() {
        StringBuilder list = new StringBuilder("[");
        files.forEach((name, content) -> {
            list.append(list.length() == 1 ? "" : ",")
                    .append("{\"type\":\"file\",\"path\":\"" + name + "\",\"size\":" + content.length);
            if (name.endsWith(".json")) {
                byte[] start = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
                list.append(",\"oid\":\"" + hash("SHA-1", start, content) + "\"}");
            } else {
                list.append(",\"lfs\":{\"oid\":\"" + hash("SHA-256", content) + "\",\"size\":" + content.length + "}}");
            }
        });
        return list.append("]").toString();
    }

    private static String hash(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
