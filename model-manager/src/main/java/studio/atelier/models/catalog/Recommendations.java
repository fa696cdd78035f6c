package studio.atelier.models.catalog;

import java.util.Comparator;
import java.util.List;
import studio.atelier.models.hub.RepoId;

/** Models that are worth trying first, by what they need. Sizes are those that their publishers list. */
public final class Recommendations {
    private static final int SHOWN = 3;
    private static final double GIGABYTE = 1e9;

    /**
     * A model that the engine runs and people like.
     *
     * @param memoryBytes at four bits with a context of 8,192 tokens
     * @param quantizeOnArrival whether there is no version in four bits that the engine reads
     */
    public record Recommended(RepoId repository, long memoryBytes, boolean quantizeOnArrival) {}

    private Recommendations() {}

    private static Recommended model(String repository, double gigabytes, boolean quantizeOnArrival) {
        return new Recommended(RepoId.parse(repository), (long) (gigabytes * GIGABYTE), quantizeOnArrival);
    }

    private static List<Recommended> all() {
        return List.of(
                model("mlx-community/Qwen3-0.6B-4bit", 1.2, false),
                model("mlx-community/Qwen3-4B-4bit", 4.1, false),
                model("mlx-community/Qwen3-8B-4bit", 7.0, false),
                model("openai/gpt-oss-20b", 14.5, false),
                model("mlx-community/Qwen3-30B-A3B-4bit", 18.7, false),
                model("openai/gpt-oss-120b", 66, false),
                model("Qwen/Qwen3-235B-A22B-Instruct-2507", 136, true),
                model("deepseek-ai/DeepSeek-V3-0324", 381, true));
    }

    /** The largest that fit without raising any limit, largest first. */
    public static List<Recommended> forMachine(Machine machine) {
        return all().stream()
                .filter(model -> model.memoryBytes() <= machine.limitBytes())
                .sorted(Comparator.comparingLong(Recommended::memoryBytes).reversed())
                .limit(SHOWN)
                .toList();
    }
}
