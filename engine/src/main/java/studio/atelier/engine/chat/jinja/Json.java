package studio.atelier.engine.chat.jinja;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.util.ArrayList;

/** Between JSON and values: {@code from_json}, and what the caller hands over. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static Value parse(String text, Budget budget) {
        budget.make(text.length());
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw JinjaException.value("Expecting value: line 1 column 1 (char 0)");
            }
            return value(node, budget);
        } catch (JsonProcessingException e) {
            throw JinjaException.value("not valid JSON: " + e.getOriginalMessage());
        }
    }

    static Value value(JsonNode node, Budget budget) {
        return value(node, budget, 0);
    }

    private static Value value(JsonNode node, Budget budget, int depth) {
        budget.nesting(depth);
        return switch (node.getNodeType()) {
            case OBJECT -> {
                var dict = new DictValue();
                budget.make(node.size());
                for (var field : node.properties()) {
                    dict.put(field.getKey(), value(field.getValue(), budget, depth + 1));
                }
                yield dict;
            }
            case ARRAY -> {
                var items = new ArrayList<Value>(node.size());
                budget.make(node.size());
                for (JsonNode item : node) {
                    items.add(value(item, budget, depth + 1));
                }
                yield new ListValue(items);
            }
            case STRING -> StringValue.of(node.textValue());
            case BOOLEAN -> BooleanValue.of(node.booleanValue());
            case NUMBER -> number(node);
            case NULL, MISSING -> NoneValue.NONE;
            case BINARY, POJO -> StringValue.of(node.asText());
        };
    }

    private static Value number(JsonNode node) {
        if (node.isIntegralNumber()) {
            return new IntegerValue(node.bigIntegerValue());
        }
        BigDecimal decimal = node.isBigDecimal() ? node.decimalValue() : null;
        return new FloatValue(decimal == null ? node.doubleValue() : decimal.doubleValue());
    }
}
