package studio.atelier.models.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Reads a hub's JSON within limits. */
final class HubJson {
    private HubJson() {}

    static JsonNode parse(String text) throws IOException {
        JsonNode node = mapper().readTree(text);
        return node == null ? mapper().missingNode() : node;
    }

    static JsonMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(64)
                        .maxNameLength(4_096)
                        .maxStringLength(1 << 20)
                        .maxNumberLength(64)
                        .build())
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
        return JsonMapper.builder(factory).build();
    }
}
