package studio.atelier.app.library;

import java.time.Instant;
import java.util.Optional;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;

/** A conversation in the window. Belongs to the FX thread; the {@link Library} writes it down. */
public final class Conversation {
    private final ReadOnlyStringWrapper title = new ReadOnlyStringWrapper();
    private final ObservableList<Message> messages = FXCollections.observableArrayList();
    private final ObservableList<Message> messagesToRead = FXCollections.unmodifiableObservableList(messages);
    private String draft;
    private Optional<String> settings;
    private Instant changedAt;
    private boolean read;

    /** Its number in the store; written and read on the store's thread only. */
    long storeId;

    Conversation(long storeId, String title, Instant changedAt, String draft, Optional<String> settings) {
        this.storeId = storeId;
        this.title.set(title);
        this.changedAt = changedAt;
        this.draft = draft;
        this.settings = settings;
    }

    public ReadOnlyStringProperty titleProperty() {
        return title.getReadOnlyProperty();
    }

    /** The messages in order; empty until the library has read them. */
    public ObservableList<Message> messages() {
        return messagesToRead;
    }

    /** What the person was writing here. */
    public String draft() {
        return draft;
    }

    /** How it is answered, in the words of whoever wrote it; empty for the usual way. */
    public Optional<String> settings() {
        return settings;
    }

    /** When something was last said in it. */
    public Instant changedAt() {
        return changedAt;
    }

    boolean wasRead() {
        return read;
    }

    void markRead() {
        read = true;
    }

    ObservableList<Message> writableMessages() {
        return messages;
    }

    void setTitle(String text) {
        title.set(text);
    }

    void setDraft(String text) {
        draft = text;
    }

    void setSettings(Optional<String> words) {
        settings = words;
    }

    void touch(Instant now) {
        changedAt = now;
    }
}
