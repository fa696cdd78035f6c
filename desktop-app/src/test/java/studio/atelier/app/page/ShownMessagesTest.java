package studio.atelier.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Message;

final class ShownMessagesTest {
    private final MessageHtml html = new MessageHtml(PageWords.of(Messages.in(Language.ENGLISH)));
    private final ShownMessages shown = new ShownMessages();

    private static PageMessage person(long key, String text) {
        return new PageMessage(Message.fromPerson(key, text), "", Set.of());
    }

    private static PageMessage running(long key, String text) {
        return new PageMessage(Message.begun(key).written(text, ""), "", Set.of());
    }

    private static PageMessage complete(long key, String text) {
        return new PageMessage(
                Message.begun(key).written(text, "").ended(Message.End.COMPLETE, Optional.empty()), "", Set.of());
    }

    private List<ObjectNode> turnTo(PageMessage... wanted) {
        List<PageMessage> list = List.of(wanted);
        Map<Long, Rendered> fresh = shown.changed(list).stream()
                .map(html::render)
                .collect(Collectors.toMap(its -> its.source().key(), Function.identity()));
        return shown.turnTo(list, fresh);
    }

    private static List<ObjectNode> writes(List<ObjectNode> steps) {
        return steps.stream().filter(step -> step.has("write")).toList();
    }

    @Test
    void lastMessageComesFirst() {
        List<ObjectNode> steps = turnTo(person(1, "Hello"), complete(2, "Hi"));
        assertEquals(2, steps.getFirst().path("add").asLong());
        assertTrue(steps.getFirst().path("before").isNull());
        ObjectNode second = steps.stream()
                .filter(step -> step.path("add").asLong() == 1)
                .findFirst()
                .orElseThrow();
        assertEquals(2, second.path("before").asLong());
        assertTrue(second.path("person").asBoolean());
    }

    @Test
    void nothingChangedNeedsNoStep() {
        turnTo(person(1, "Hello"), complete(2, "Hi"));
        assertEquals(List.of(), turnTo(person(1, "Hello"), complete(2, "Hi")));
    }

    @Test
    void onlyTheGrowingBlockIsSent() {
        turnTo(running(1, "One\n\nTwo\n\nThr"));
        List<ObjectNode> steps = writes(turnTo(running(1, "One\n\nTwo\n\nThree")));
        assertEquals(1, steps.size());
        assertEquals(2, steps.getFirst().path("from").asInt());
        assertEquals(1, steps.getFirst().path("blocks").size());
        assertEquals("<p>Three</p>\n", steps.getFirst().path("blocks").get(0).asText());
        assertTrue(steps.getFirst().path("open").asBoolean());
    }

    @Test
    void blockIsFinishedWhenAnotherFollows() {
        turnTo(running(1, "One\n\nTwo"));
        ObjectNode step = writes(turnTo(running(1, "One\n\nTwo\n\nThree"))).getFirst();
        assertEquals(1, step.path("from").asInt());
        assertEquals(2, step.path("blocks").size());
    }

    @Test
    void lastBlockIsFinishedWithTheAnswer() {
        turnTo(running(1, "One\n\nTwo"));
        List<ObjectNode> steps = turnTo(complete(1, "One\n\nTwo"));
        ObjectNode step = writes(steps).getFirst();
        assertEquals(1, step.path("from").asInt());
        assertEquals(false, step.path("open").asBoolean());
        assertTrue(steps.stream()
                .anyMatch(about -> about.has("about") && !about.path("open").asBoolean()));
    }

    @Test
    void shorterTextTakesBlocksAway() {
        turnTo(complete(1, "One\n\nTwo\n\nThree"));
        ObjectNode step = writes(turnTo(complete(1, "One"))).getFirst();
        assertEquals(1, step.path("from").asInt());
        assertEquals(0, step.path("blocks").size());
    }

    @Test
    void removedMessagesGoFirst() {
        turnTo(person(1, "a"), complete(2, "b"), person(3, "c"));
        List<ObjectNode> steps = turnTo(person(1, "a"), complete(4, "d"));
        assertEquals("[1]", steps.getFirst().path("keep").toString());
        assertEquals(4, steps.get(1).path("add").asLong());
    }

    @Test
    void longTextGoesOverInSeveralSteps() {
        String paragraph = "word ".repeat(200) + "\n\n";
        List<ObjectNode> steps = writes(turnTo(complete(1, paragraph.repeat(300))));
        assertTrue(steps.size() > 3, "only " + steps.size());
        int from = 0;
        for (ObjectNode step : steps) {
            assertEquals(from, step.path("from").asInt());
            from += step.path("blocks").size();
        }
        assertEquals(300, from);
    }

    @Test
    void thinkingHasItsOwnBlocksAndTime() {
        Message begun = Message.begun(1).written("", "First I think").thoughtFor(7);
        List<ObjectNode> steps = turnTo(new PageMessage(begun, "", Set.of()));
        assertEquals("thinking", writes(steps).getFirst().path("part").asText());
        assertTrue(writes(steps).getFirst().path("open").asBoolean());
        assertEquals("Thinking for 7 s", about(steps).path("thought").asText());
        Message answered = begun.written("Yes.", "First I think").thoughtFor(12);
        List<ObjectNode> next = turnTo(new PageMessage(answered, "", Set.of()));
        assertEquals("Thought for 12 s", about(next).path("thought").asText());
    }

    @Test
    void notesAndActionsAreInThePersonsWords() {
        PageMessage stopped = new PageMessage(
                Message.begun(1).written("Half", "").ended(Message.End.STOPPED, Optional.empty()),
                "",
                Set.of(PageMessage.Action.DELETE, PageMessage.Action.COPY));
        ObjectNode about = about(turnTo(stopped));
        assertEquals("[\"Stopped\"]", about.path("notes").toString());
        assertEquals("copy", about.path("actions").get(0).path("name").asText());
        assertEquals(
                "Delete message", about.path("actions").get(1).path("title").asText());
    }

    private static ObjectNode about(List<ObjectNode> steps) {
        return steps.stream().filter(step -> step.has("about")).findFirst().orElseThrow();
    }
}
