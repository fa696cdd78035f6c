package studio.atelier.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import studio.atelier.engine.generate.Timeline;
import studio.atelier.engine.generate.Together;

/**
 * Who does the next piece of work. Answers that are being written take a token each, several of them in one pass; between
 * two such passes one chunk of one waiting prompt is read, of another prompt each time. So a long prompt delays no token
 * by more than a chunk, and no prompt waits for another one to be read to its end. Belongs to the engine thread.
 */
final class Turns {
    private final Together together;
    private final int most;

    /** In the order in which they come next: who did something goes to the end. */
    private final Set<Session> sessions = new LinkedHashSet<>();

    private final List<Session> writing = new ArrayList<>();
    private final List<Session> passing = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final List<Timeline> timelines = new ArrayList<>();
    private boolean wroteLast;

    /** At most so many sessions go through the model in one pass. */
    Turns(Together together, int most) {
        this.together = together;
        this.most = together.isPossible() ? most : 1;
    }

    /** Lets a session take part. Returns whether it is the first, so that somebody has to call {@link #next()} again. */
    boolean add(Session session) {
        boolean first = sessions.isEmpty();
        sessions.add(session);
        return first;
    }

    /** Does the next piece. Returns whether more follow. */
    boolean next() {
        Session reader = null;
        writing.clear();
        for (Session session : sessions) {
            Answer answer = session.current();
            if (answer != null && answer.reads()) {
                reader = reader == null ? session : reader;
            } else if (writing.size() < most) {
                writing.add(session);
            }
        }
        if (reader != null && (wroteLast || writing.isEmpty())) {
            wroteLast = false;
            sessions.remove(reader);
            keep(reader, reader.next());
        } else {
            wroteLast = true;
            write();
        }
        return !sessions.isEmpty();
    }

    private void keep(Session session, boolean goesOn) {
        if (goesOn) {
            sessions.add(session);
        }
    }

    /** A token of each answer that is being written. */
    private void write() {
        int[] tokens = new int[writing.size()];
        passing.clear();
        answers.clear();
        timelines.clear();
        for (Session session : writing) {
            sessions.remove(session);
            Answer answer = session.current();
            int token = writing.size() == 1 || answer == null ? -1 : answer.awaited();
            if (answer == null || token < 0) {
                keep(session, session.next());
            } else {
                tokens[answers.size()] = token;
                passing.add(session);
                answers.add(answer);
                timelines.add(answer.timeline());
            }
        }
        if (!answers.isEmpty()) {
            pass(Arrays.copyOf(tokens, answers.size()));
        }
    }

    /** One pass for all that wait for one. */
    private void pass(int[] tokens) {
        Throwable failure = null;
        try {
            together.read(timelines, tokens);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (int i = 0; i < tokens.length; i++) {
            Answer answer = answers.get(i);
            boolean more = failure == null ? answer.nextAfterReading() : answer.endBy(failure);
            keep(passing.get(i), passing.get(i).goesOn(answer, more));
        }
    }
}
