package studio.atelier.models.download;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Snapshot;

/**
 * Which of a repository's files are downloaded: weights in safe formats and the texts that describe them. Programs never
 * are, nor weights that only a program can open.
 *
 * @param texts configuration, tokenizer, licence
 * @param weights in the hub's order
 */
public record Wanted(List<RepoFile> texts, List<RepoFile> weights) {
    private static final Pattern TEXT = Pattern.compile(
            "config\\.json|generation_config\\.json|tokenizer[a-z_]*\\.(json|model)|[a-z_]*\\.tiktoken|vocab\\.json|merges\\.txt"
                    + "|special_tokens_map\\.json|added_tokens\\.json|chat_template\\.(jinja|json)"
                    + "|(pre)?processor_config\\.json|[a-z_.-]*\\.safetensors\\.index\\.json|model_index\\.json|scheduler_config\\.json"
                    + "|readme\\.md|licen[sc]e[a-z0-9_.-]*|notice(\\.txt|\\.md)?");
    private static final Pattern PICKLE = Pattern.compile(".*\\.(bin|pt|pth|ckpt|pkl|h5|msgpack|onnx)");
    private static final Pattern VARIANT = Pattern.compile(".*\\.(fp16|bf16|non_ema)\\.safetensors");
    private static final Pattern SPLIT = Pattern.compile("(.*)-\\d{5}-of-\\d{5}\\.gguf");
    private static final long LONGEST_TEXT_BYTES = 256L << 20;

    public Wanted {
        texts = List.copyOf(texts);
        weights = List.copyOf(weights);
    }

    /** One of several versions in a repository of GGUF files, perhaps split. */
    public record Variant(String name, List<RepoFile> files) {
        public Variant {
            files = List.copyOf(files);
        }

        public long sizeBytes() {
            return files.stream().mapToLong(RepoFile::sizeBytes).sum();
        }
    }

    /**
     * Chooses.
     *
     * @param variant of GGUF files; empty for the usual one, four bits in K-quants
     * @throws HubException {@link Reason#FORMAT_REFUSED} when the repository has no weights that are safe to open
     */
    public static Wanted of(Snapshot snapshot, Optional<String> variant) throws HubException {
        List<RepoFile> texts = snapshot.files().stream()
                .filter(file ->
                        TEXT.matcher(file.name().toLowerCase(Locale.ROOT)).matches())
                .filter(file -> file.sizeBytes() <= LONGEST_TEXT_BYTES)
                .toList();
        List<RepoFile> weights = safetensors(snapshot);
        if (variant.isEmpty() && !weights.isEmpty()) {
            return new Wanted(texts, weights);
        }
        List<Variant> variants = variants(snapshot);
        if (!variants.isEmpty()) {
            return new Wanted(texts, choose(snapshot, variants, variant).files());
        }
        boolean pickles = snapshot.files().stream()
                .anyMatch(file ->
                        PICKLE.matcher(file.name().toLowerCase(Locale.ROOT)).matches());
        throw HubException.lasting(
                Reason.FORMAT_REFUSED,
                snapshot.repository()
                        + (pickles
                                ? " holds its weights only in a format that can run programs when it is opened; look for a version in safetensors or GGUF."
                                : " holds no weights in safetensors or GGUF; look for another version."));
    }

    private static List<RepoFile> safetensors(Snapshot snapshot) {
        List<RepoFile> all = snapshot.files().stream()
                .filter(file ->
                        file.name().endsWith(".safetensors") && !file.name().startsWith("."))
                .toList();
        if (snapshot.files().stream().anyMatch(file -> file.path().equals("model_index.json"))) {
            // A model in several folders; what lies beside them is the same once more, for other programs.
            List<RepoFile> parts = all.stream()
                    .filter(file -> file.path().contains("/")
                            && !VARIANT.matcher(file.name()).matches())
                    .toList();
            return parts.isEmpty() ? all : parts;
        }
        List<RepoFile> atRoot =
                all.stream().filter(file -> !file.path().contains("/")).toList();
        // Some publishers add the same weights once more, under another name; layers that predict further tokens are
        // not.
        List<RepoFile> usual = atRoot.stream()
                .filter(file -> file.name().startsWith("model") || file.name().startsWith("mtp"))
                .toList();
        return !usual.isEmpty() ? usual : !atRoot.isEmpty() ? atRoot : all;
    }

    /** The versions that a repository of GGUF files offers, smallest first. */
    public static List<Variant> variants(Snapshot snapshot) {
        Map<String, List<RepoFile>> byName = new LinkedHashMap<>();
        for (RepoFile file : snapshot.files()) {
            String name = file.name().toLowerCase(Locale.ROOT);
            if (name.endsWith(".gguf") && !name.contains("mmproj") && !name.contains("imatrix")) {
                Matcher split = SPLIT.matcher(file.path());
                String base = split.matches()
                        ? split.group(1)
                        : file.path().substring(0, file.path().length() - 5);
                byName.computeIfAbsent(base, _ -> new ArrayList<>()).add(file);
            }
        }
        return byName.entrySet().stream()
                .map(entry -> new Variant(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Variant::sizeBytes))
                .toList();
    }

    private static Variant choose(Snapshot snapshot, List<Variant> variants, Optional<String> wanted)
            throws HubException {
        if (wanted.isEmpty()) {
            return ending(variants, "q4_k_m").or(() -> ending(variants, "q4_0")).orElse(variants.getFirst());
        }
        return ending(variants, wanted.get())
                .orElseThrow(() -> HubException.lasting(
                        Reason.FILE_NOT_FOUND,
                        snapshot.repository() + " has no version " + wanted.get() + "; it has "
                                + String.join(
                                        ", ",
                                        variants.stream().map(Variant::name).toList()) + "."));
    }

    private static Optional<Variant> ending(List<Variant> variants, String wanted) {
        return variants.stream()
                .filter(variant -> variant.name().toLowerCase(Locale.ROOT).endsWith(wanted.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** Both. */
    public List<RepoFile> files() {
        List<RepoFile> files = new ArrayList<>(texts);
        files.addAll(weights);
        return List.copyOf(files);
    }

    public long sizeBytes() {
        return files().stream().mapToLong(RepoFile::sizeBytes).sum();
    }
}
