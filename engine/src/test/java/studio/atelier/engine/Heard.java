package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import studio.atelier.engine.GenerationEvent.Failed;
import studio.atelier.engine.GenerationEvent.Finished;
import studio.atelier.engine.GenerationEvent.Reading;
import studio.atelier.engine.GenerationEvent.Text;
import studio.atelier.engine.GenerationEvent.Written;

/** Everything that one answer told. */
final class Heard implements Consumer<GenerationEvent> {
    final List<GenerationEvent> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Consumer<GenerationEvent> also;

    Heard() {
        this(_ -> {});
    }

    /** Tells another one too, on the engine thread. */
    Heard(Consumer<GenerationEvent> also) {
        this.also = also;
    }

    /** All that is told of one request. */
    static Heard of(Session session, GenerationRequest request) throws InterruptedException {
        Heard heard = new Heard();
        session.generate(request, heard);
        return heard.await();
    }

    @Override
    public void accept(GenerationEvent event) {
        events.add(event);
        also.accept(event);
        if (event instanceof Finished || event instanceof Failed) {
            over.countDown();
        }
    }

    Heard await() throws InterruptedException {
        assertTrue(over.await(60, TimeUnit.SECONDS), () -> "no end came after " + events);
        return this;
    }

    GenerationEvent last() {
        return events.getLast();
    }

    Finished finished() {
        return assertInstanceOf(Finished.class, last());
    }

    EngineException failure() {
        return assertInstanceOf(Failed.class, last()).cause();
    }

    Statistics statistics() {
        return finished().statistics();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> {
            if (event instanceof Text(String piece)) {
                text.append(piece);
            }
        });
        return text.toString();
    }

    int count(Class<? extends GenerationEvent> type) {
        return (int) events.stream().filter(type::isInstance).count();
    }

    /** Reading, then pieces between Written, then one end. */
    void checkOrder() {
        int place = 0;
        while (events.get(place) instanceof Reading) {
            place++;
        }
        assertTrue(place > 0, "no reading was told: " + events);
        for (GenerationEvent event : events.subList(place, events.size() - 1)) {
            assertTrue(
                    switch (event) {
                        case Text _, GenerationEvent.Reasoning _, GenerationEvent.ToolCall _, Written _ -> true;
                        case Reading _, Finished _, Failed _ -> false;
                    },
                    () -> event + " is out of place in " + events);
        }
        int reads = -1;
        for (GenerationEvent event : events.subList(0, place)) {
            int tokens = ((Reading) event).readTokens();
            assertTrue(tokens > reads || reads < 0, "reading went backwards: " + events);
            reads = tokens;
        }
        assertEquals(statistics().promptTokens(), reads);
        assertEquals(statistics().generatedTokens(), count(Written.class));
    }
}
