package studio.atelier.models.hub;

import java.util.Optional;

/**
 * What a person looks for.
 *
 * @param text words, or empty for the most wanted ones
 * @param licence as hubs spell it, such as {@code apache-2.0}
 * @param limit how many at most
 */
public record SearchQuery(String text, Format format, Optional<String> licence, Sort sort, int limit) {
    /** Which file format the repository must hold. */
    public enum Format {
        ANY(""),
        MLX("mlx"),
        GGUF("gguf"),
        SAFETENSORS("safetensors");

        private final String tag;

        Format(String tag) {
            this.tag = tag;
        }

        String tag() {
            return tag;
        }
    }

    /** What comes first. */
    public enum Sort {
        TRENDING("trendingScore"),
        DOWNLOADS("downloads"),
        LIKES("likes"),
        NEWEST("lastModified");

        private final String parameter;

        Sort(String parameter) {
            this.parameter = parameter;
        }

        String parameter() {
            return parameter;
        }
    }

    public SearchQuery {
        if (limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException("limit: expected 1 to 1000, got " + limit);
        }
    }

    /** The most downloaded models that these words find. */
    public static SearchQuery of(String text) {
        return new SearchQuery(text, Format.ANY, Optional.empty(), Sort.DOWNLOADS, 30);
    }

    public SearchQuery in(Format newFormat) {
        return new SearchQuery(text, newFormat, licence, sort, limit);
    }

    public SearchQuery by(Sort newSort) {
        return new SearchQuery(text, format, licence, newSort, limit);
    }

    public SearchQuery licensed(String newLicence) {
        return new SearchQuery(text, format, Optional.of(newLicence), sort, limit);
    }

    public SearchQuery atMost(int newLimit) {
        return new SearchQuery(text, format, licence, sort, newLimit);
    }
}
