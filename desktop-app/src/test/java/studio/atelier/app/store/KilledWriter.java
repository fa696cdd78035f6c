package studio.atelier.app.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import studio.atelier.app.library.Message;

/** A program that writes an answer and says how far it is, until it is killed. */
final class KilledWriter {
    private KilledWriter() {}

    @SuppressWarnings("InfiniteLoopStatement")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        ConversationStore store = ConversationStore.open(Path.of(arguments[0]), Clock.systemUTC());
        long conversation = store.create("killed");
        store.add(conversation, Message.fromPerson(0, "Count."));
        long row = store.add(conversation, Message.begun(0));
        StringBuilder text = new StringBuilder();
        for (int i = 1; ; i++) {
            text.append("word").append(i).append(' ');
            store.update(conversation, row, Message.begun(0).written(text.toString(), "I count."));
            System.out.println(i);
            Thread.sleep(20);
        }
    }
}
