package studio.atelier.models.hub;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connections for the bytes of files: those that are in use, each with a thread of its own, and those that may be used
 * again soon. Any thread may ask.
 */
final class Wires implements AutoCloseable {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Idle(Wire wire, long sinceNanos) {}

    /** Chooses where a body goes, once its head is known. */
    @FunctionalInterface
    interface Choice {
        BoundedSink sink(AnswerHead head);
    }

    /** A request under way. */
    final class Exchange {
        private final HttpRequest request;
        private final Choice choice;
        private final CompletableFuture<AnswerHead> answer = new CompletableFuture<>();
        private @Nullable Wire wire;
        private boolean over;

        private Exchange(HttpRequest request, Choice choice) {
            this.request = request;
            this.choice = choice;
        }

        /** Its head, when the sink has all of its body. */
        CompletableFuture<AnswerHead> answer() {
            return answer;
        }

        /** Nobody waits any more: what is not whole yet will not be. Does nothing after the end. */
        void giveUp() {
            Wire using = over();
            if (using != null) {
                forget(using);
            }
        }

        private synchronized @Nullable Wire over() {
            Wire using = over ? null : wire;
            over = true;
            return using;
        }

        private synchronized Wire use(Wire next) throws IOException {
            wire = next;
            if (over) {
                forget(next);
                throw new IOException("nobody waits for the answer any more");
            }
            return next;
        }

        private void run() {
            try {
                answer.complete(exchange());
            } catch (IOException | RuntimeException | Error e) {
                giveUp();
                answer.completeExceptionally(e);
            }
        }

        private AnswerHead exchange() throws IOException {
            Route route = Route.to(request.uri(), proxies);
            Wire using = idle(route);
            AnswerHead head = using == null ? null : askAgain(using);
            if (using == null || head == null) {
                using = use(fresh(route));
                using.connect(connectPatience, keys);
                head = using.ask(request);
            }
            head.body(using, choice.sink(head));
            if (over() != null) {
                if (head.staying()) {
                    keep(using);
                } else {
                    forget(using);
                }
            }
            return head;
        }

        /** Null when the other side had hung up meanwhile and never read the request. */
        private @Nullable AnswerHead askAgain(Wire used) throws IOException {
            try {
                return use(used).ask(request);
            } catch (IOException e) {
                forget(used);
                if (used.isHeard() || isOver()) {
                    throw e;
                }
                return null;
            }
        }

        private synchronized boolean isOver() {
            return over;
        }
    }

    private final java.net.ProxySelector proxies;
    private final Duration connectPatience;
    private final SSLContext keys;
    private final Set<Wire> open = new HashSet<>();
    private final Deque<Idle> idle = new ArrayDeque<>();
    private boolean closed;
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("atelier-range-", 1).daemon().factory());

    Wires(HubSettings settings) {
        this.proxies = settings.proxies();
        this.connectPatience = settings.patience().connect();
        try {
            this.keys = SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    /** Begins an exchange. */
    Exchange begin(HttpRequest request, Choice choice) {
        Exchange exchange = new Exchange(request, choice);
        try {
            threads.execute(exchange::run);
        } catch (RejectedExecutionException e) {
            exchange.answer().completeExceptionally(new IOException("closed", e));
        }
        return exchange;
    }

    private synchronized Wire fresh(Route route) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        Wire wire = new Wire(route);
        open.add(wire);
        return wire;
    }

    private synchronized @Nullable Wire idle(Route route) {
        long now = System.nanoTime();
        Wire found = null;
        for (Iterator<Idle> each = idle.iterator(); each.hasNext(); ) {
            Idle one = each.next();
            boolean old = now - one.sinceNanos() > IDLE_NANOS;
            boolean mine = !old && found == null && one.wire().route().equals(route);
            if (old || mine) {
                each.remove();
            }
            if (old) {
                forget(one.wire());
            }
            found = mine ? one.wire() : found;
        }
        return found;
    }

    private synchronized void keep(Wire wire) {
        if (closed) {
            forget(wire);
        } else {
            idle.addFirst(new Idle(wire, System.nanoTime()));
        }
    }

    private synchronized void forget(Wire wire) {
        wire.close();
        open.remove(wire);
    }

    /** Ends what is under way. */
    @Override
    public synchronized void close() {
        closed = true;
        // Not by interrupting: that would close a file which is being written.
        threads.shutdown();
        open.forEach(Wire::close);
    }
}
