package studio.atelier.app.library;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import studio.atelier.app.concurrent.Background;

/**
 * The person's conversations. What is asked of it is seen at once and written to the archive by a thread of its own, in
 * the order it was asked. Belongs to the FX thread.
 */
public final class Library {
    private final Archive archive;
    private final Background background;
    private final Clock clock;
    private final Consumer<Exception> failed;
    private final ObservableList<Conversation> conversations = FXCollections.observableArrayList();
    private final ObservableList<Conversation> conversationsToRead =
            FXCollections.unmodifiableObservableList(conversations);
    /** Numbers of messages in the archive by key; touched on the archive's thread only. */
    private final Map<Long, Long> rows = new HashMap<>();

    private long lastKey;

    /** @param failed told on the FX thread when the archive can't be read or written */
    public Library(Archive archive, Background background, Clock clock, Consumer<Exception> failed) {
        this.archive = archive;
        this.background = background;
        this.clock = clock;
        this.failed = failed;
    }

    /** All conversations, the latest first. */
    public ObservableList<Conversation> conversations() {
        return conversationsToRead;
    }

    /** Reads the list of conversations. */
    public void load(Runnable then) {
        background.inOrder(
                archive::list,
                entries -> {
                    conversations.setAll(entries.stream()
                            .map(entry -> new Conversation(
                                    entry.id(), entry.title(), entry.changedAt(), entry.draft(), entry.settings()))
                            .toList());
                    then.run();
                },
                failed);
    }

    /** Makes sure that a conversation's messages are there. */
    public void read(Conversation conversation, Runnable then) {
        if (conversation.wasRead()) {
            then.run();
            return;
        }
        background.inOrder(
                () -> archive.messages(conversation.storeId),
                found -> {
                    if (!conversation.wasRead()) {
                        conversation.markRead();
                        found.forEach(row -> take(conversation, row));
                    }
                    then.run();
                },
                failed);
    }

    private void take(Conversation conversation, Archive.Row row) {
        Message stored = row.message();
        Message message = new Message(
                ++lastKey,
                stored.author(),
                stored.text(),
                stored.reasoning(),
                stored.thoughtSeconds(),
                // Nobody writes on after a restart: what was running then was stopped.
                stored.end() == Message.End.RUNNING ? Message.End.STOPPED : stored.end(),
                stored.statistics(),
                stored.source(),
                stored.picture());
        conversation.writableMessages().add(message);
        long key = message.key();
        write(() -> rows.put(key, row.id()));
    }

    /** Begins a conversation. */
    public Conversation begin(String title) {
        Conversation conversation = new Conversation(0, title, clock.instant(), "", Optional.empty());
        conversation.markRead();
        conversations.addFirst(conversation);
        write(() -> conversation.storeId = archive.create(title));
        return conversation;
    }

    /** A key that no other message has. */
    public long newKey() {
        return ++lastKey;
    }

    /** Adds a message at the end. */
    public void add(Conversation conversation, Message message) {
        conversation.writableMessages().add(message);
        touch(conversation);
        write(() -> rows.put(message.key(), archive.add(conversation.storeId, message)));
    }

    /** Shows how far an answer is, without writing it down. */
    public void show(Conversation conversation, Message message) {
        List<Message> messages = conversation.writableMessages();
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).key() == message.key()) {
                messages.set(i, message);
                return;
            }
        }
    }

    /** Shows how far an answer is and writes it down. */
    public void keep(Conversation conversation, Message message) {
        show(conversation, message);
        write(() -> {
            Long row = rows.get(message.key());
            if (row != null) {
                archive.update(conversation.storeId, row, message);
            }
        });
    }

    /** Takes a message and all after it out; the archive keeps them as an earlier version. */
    public void setAside(Conversation conversation, Message from) {
        int index = conversation.writableMessages().indexOf(from);
        if (index < 0) {
            return;
        }
        conversation
                .writableMessages()
                .remove(index, conversation.writableMessages().size());
        write(() -> {
            Long row = rows.get(from.key());
            if (row != null) {
                archive.setAside(conversation.storeId, row);
            }
        });
    }

    public void rename(Conversation conversation, String title) {
        conversation.setTitle(title);
        write(() -> archive.rename(conversation.storeId, title));
    }

    /** Removes a conversation; {@link #restore} brings it back. */
    public void delete(Conversation conversation) {
        conversations.remove(conversation);
        write(() -> archive.delete(conversation.storeId));
    }

    /** Brings a removed conversation back to its place. */
    public void restore(Conversation conversation) {
        int index = 0;
        while (index < conversations.size()
                && conversations.get(index).changedAt().isAfter(conversation.changedAt())) {
            index++;
        }
        conversations.add(index, conversation);
        write(() -> archive.restore(conversation.storeId));
    }

    public void saveDraft(Conversation conversation, String text) {
        if (!conversation.draft().equals(text)) {
            conversation.setDraft(text);
            write(() -> archive.saveDraft(conversation.storeId, text));
        }
    }

    public void saveSettings(Conversation conversation, String words) {
        conversation.setSettings(Optional.of(words));
        write(() -> archive.saveSettings(conversation.storeId, words));
    }

    /** Finds conversations by their titles and messages. */
    public void search(String text, Consumer<List<Conversation>> found) {
        Map<Long, Conversation> byNumber = new HashMap<>();
        List<Conversation> all = List.copyOf(conversations);
        background.inOrder(
                () -> {
                    all.forEach(conversation -> byNumber.put(conversation.storeId, conversation));
                    return archive.search(text).stream()
                            .filter(byNumber::containsKey)
                            .map(byNumber::get)
                            .toList();
                },
                found,
                failed);
    }

    private void touch(Conversation conversation) {
        Instant now = clock.instant();
        conversation.touch(now);
        if (conversations.indexOf(conversation) > 0) {
            conversations.remove(conversation);
            conversations.addFirst(conversation);
        }
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void write(Writing task) {
        background.inOrder(
                () -> {
                    task.run();
                    return task;
                },
                _ -> {},
                failed);
    }
}
