package studio.atelier.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.library.Archive;
import studio.atelier.app.library.Message;
import studio.atelier.app.library.PictureArchive;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.app.store.ConversationStore;

/**
 * The store of conversations, opened by the first who asks for something in it: that is the store's thread, and the window
 * is on the screen before. When it can't be opened, every call says why.
 */
final class OpeningArchive implements Archive, AutoCloseable {
    private final Path folder;
    private final Clock clock;
    private @Nullable ConversationStore store;
    private boolean closed;

    OpeningArchive(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    private synchronized ConversationStore store() throws IOException {
        if (closed) {
            throw new IOException("The conversations were closed.");
        }
        ConversationStore open = store;
        if (open == null) {
            open = ConversationStore.open(folder, clock);
            store = open;
        }
        return open;
    }

    @Override
    public List<Entry> list() throws IOException {
        return store().list();
    }

    @Override
    public List<Long> search(String text) throws IOException {
        return store().search(text);
    }

    @Override
    public long create(String title) throws IOException {
        return store().create(title);
    }

    @Override
    public void rename(long id, String title) throws IOException {
        store().rename(id, title);
    }

    @Override
    public void delete(long id) throws IOException {
        store().delete(id);
    }

    @Override
    public void restore(long id) throws IOException {
        store().restore(id);
    }

    @Override
    public List<Row> messages(long id) throws IOException {
        return store().messages(id);
    }

    @Override
    public long add(long conversation, Message message) throws IOException {
        return store().add(conversation, message);
    }

    @Override
    public void update(long conversation, long row, Message message) throws IOException {
        store().update(conversation, row, message);
    }

    @Override
    public void setAside(long conversation, long fromRow) throws IOException {
        store().setAside(conversation, fromRow);
    }

    @Override
    public void saveDraft(long id, String text) throws IOException {
        store().saveDraft(id, text);
    }

    @Override
    public void saveSettings(long id, String words) throws IOException {
        store().saveSettings(id, words);
    }

    @Override
    public PictureArchive pictures() {
        return new PictureArchive() {
            @Override
            public List<SavedPicture> list() throws IOException {
                return store().pictures().list();
            }

            @Override
            public List<SavedPicture> search(String text) throws IOException {
                return store().pictures().search(text);
            }

            @Override
            public List<SavedPicture> thread(long thread) throws IOException {
                return store().pictures().thread(thread);
            }

            @Override
            public SavedPicture add(SavedPicture picture) throws IOException {
                return store().pictures().add(picture);
            }

            @Override
            public void delete(long id) throws IOException {
                store().pictures().delete(id);
            }

            @Override
            public void restore(long id) throws IOException {
                store().pictures().restore(id);
            }
        };
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (store != null) {
            store.close();
            store = null;
        }
    }
}
