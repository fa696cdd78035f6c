package studio.atelier.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import studio.atelier.engine.Engine;
import studio.atelier.engine.Session;
import studio.atelier.engine.chat.Message;

/**
 * A loaded model with the conversations that it remembers. The API keeps no state: each request brings the whole
 * conversation. It goes to the session that has heard the most of it, so that only what is new is read.
 */
final class OpenModel implements AutoCloseable {
    /** Answers at the same time; more requests wait their turn. */
    static final int MOST_SESSIONS = 8;

    private final ServedModel model;
    private final Engine engine;
    private final Semaphore places = new Semaphore(MOST_SESSIONS, true);
    private final List<Heard> idle = new ArrayList<>();
    private int sessions;

    OpenModel(ServedModel model, Engine engine) {
        this.model = model;
        this.engine = engine;
    }

    /** A session and what was said on it. */
    private record Heard(Session session, List<Message> messages) {}

    /** A session lent to one request, which gives it back. */
    final class Turn {
        private final Session session;

        private Turn(Session session) {
            this.session = session;
        }

        Session session() {
            return session;
        }

        /** Gives the session back; {@code messages} is what it has heard and said. */
        void end(List<Message> messages) {
            synchronized (OpenModel.this) {
                idle.add(new Heard(session, List.copyOf(messages)));
            }
            places.release();
        }
    }

    ServedModel model() {
        return model;
    }

    Engine engine() {
        return engine;
    }

    boolean answers() {
        return places.availablePermits() < MOST_SESSIONS;
    }

    /** Waits until a session is free and takes the one that knows the most of these messages. */
    Turn begin(List<Message> messages) throws InterruptedException {
        places.acquire();
        synchronized (this) {
            Heard best = idle.stream()
                    .max(Comparator.comparingInt(heard -> common(heard.messages(), messages)))
                    .orElse(null);
            boolean knowsSome = best != null && common(best.messages(), messages) > 0;
            if (best == null || (!knowsSome && sessions < MOST_SESSIONS)) {
                sessions++;
                return new Turn(engine.newSession());
            }
            // Of those that know nothing of it, the one that has been idle for the longest is the first.
            idle.remove(best);
            return new Turn(best.session());
        }
    }

    private static int common(List<Message> heard, List<Message> asked) {
        int same = 0;
        while (same < heard.size() && same < asked.size() && heard.get(same).equals(asked.get(same))) {
            same++;
        }
        return same;
    }

    @Override
    public void close() {
        engine.close();
    }
}
