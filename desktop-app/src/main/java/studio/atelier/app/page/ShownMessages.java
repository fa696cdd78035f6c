package studio.atelier.app.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the page shows now, and the smallest steps from there to what it should show. */
final class ShownMessages {
    /** Characters of HTML in one step; a step holds the window up while the page takes it in. */
    static final int STEP_CHARACTERS = 60_000;

    private Map<Long, Rendered> shown = new LinkedHashMap<>();

    /** Those of the wanted messages that the page does not show as they are. */
    List<PageMessage> changed(List<PageMessage> wanted) {
        return wanted.stream()
                .filter(message -> {
                    Rendered there = shown.get(message.key());
                    return there == null || !there.source().equals(message);
                })
                .toList();
    }

    boolean contains(long key) {
        return shown.containsKey(key);
    }

    /** The page was loaded again and is empty. */
    void clear() {
        shown = new LinkedHashMap<>();
    }

    /**
     * The steps to these messages in this order, the last message first because the reader is there. Afterwards they
     * count as shown.
     *
     * @param fresh those that changed, by key
     */
    List<ObjectNode> turnTo(List<PageMessage> wanted, Map<Long, Rendered> fresh) {
        List<ObjectNode> steps = new ArrayList<>();
        Set<Long> kept = new HashSet<>();
        wanted.forEach(message -> kept.add(message.key()));
        if (!kept.containsAll(shown.keySet())) {
            ObjectNode keep = object();
            ArrayNode keys = keep.putArray("keep");
            shown.keySet().stream().filter(kept::contains).forEach(keys::add);
            steps.add(keep);
        }
        Map<Long, Rendered> next = new LinkedHashMap<>();
        for (PageMessage message : wanted) {
            Rendered known = fresh.containsKey(message.key()) ? fresh.get(message.key()) : shown.get(message.key());
            if (known != null) {
                next.put(message.key(), known);
            }
        }
        List<Rendered> inOrder = List.copyOf(next.values());
        for (int i = inOrder.size() - 1; i >= 0; i--) {
            Rendered now = inOrder.get(i);
            Rendered before = shown.get(now.source().key());
            if (before == null) {
                ObjectNode add = object().put("add", now.source().key())
                        .put("person", now.source().isFromPerson());
                steps.add(
                        i + 1 == inOrder.size()
                                ? add.putNull("before")
                                : add.put("before", inOrder.get(i + 1).source().key()));
            }
            if (before != now) {
                change(before, now, steps);
            }
        }
        shown = next;
        return steps;
    }

    private static void change(@Nullable Rendered before, Rendered now, List<ObjectNode> steps) {
        if (before == null || !before.about().equals(now.about())) {
            steps.add(now.about());
        }
        Blocks thoughtBefore = before == null ? Blocks.NONE : new Blocks(before.thinking(), before.isThinking());
        write(now, "thinking", thoughtBefore, new Blocks(now.thinking(), now.isThinking()), steps);
        Blocks saidBefore = before == null ? Blocks.NONE : new Blocks(before.text(), saysMore(before));
        write(now, "text", saidBefore, new Blocks(now.text(), saysMore(now)), steps);
    }

    /** An answer that has not begun waits in its text for the first word. */
    private static boolean saysMore(Rendered message) {
        return message.isOpen() && !message.isThinking();
    }

    /** @param open whether the last one may still grow */
    private record Blocks(List<String> html, boolean open) {
        static final Blocks NONE = new Blocks(List.of(), false);
    }

    private static void write(Rendered message, String part, Blocks before, Blocks now, List<ObjectNode> steps) {
        if (before.equals(now)) {
            return;
        }
        int from = firstDifference(before, now);
        int next = from;
        do {
            int begin = next;
            ObjectNode step = object().put("write", message.source().key())
                    .put("part", part)
                    .put("from", begin);
            ArrayNode blocks = step.putArray("blocks");
            int characters = 0;
            while (next < now.html().size() && (next == begin || characters < STEP_CHARACTERS)) {
                characters += now.html().get(next).length();
                blocks.add(now.html().get(next++));
            }
            step.put("open", now.open() && next == now.html().size());
            steps.add(step);
        } while (next < now.html().size());
    }

    private static int firstDifference(Blocks before, Blocks now) {
        int same = 0;
        int most = Math.min(before.html().size(), now.html().size());
        while (same < most && before.html().get(same).equals(now.html().get(same))) {
            same++;
        }
        // The block that grew until now is finished only when another follows or the answer ends.
        return before.open() ? Math.max(0, Math.min(same, before.html().size() - 1)) : same;
    }

    /** How much HTML a step holds. */
    static int charactersOf(ObjectNode step) {
        int characters = 0;
        for (JsonNode block : step.path("blocks")) {
            characters += block.asText().length();
        }
        return characters;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
