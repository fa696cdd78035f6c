package studio.atelier.app.script;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.app.library.Archive;
import studio.atelier.app.library.Message;
import studio.atelier.app.library.PictureArchive;

/** An archive that lasts as long as the test. */
public final class MemoryArchive implements Archive {
    private static final class Stored {
        String title = "";
        Instant changedAt = Instant.EPOCH;
        String draft = "";
        Optional<String> settings = Optional.empty();
        boolean deleted;
        final List<Row> rows = new ArrayList<>();
    }

    private final Map<Long, Stored> stored = new LinkedHashMap<>();
    private final PictureArchive pictures = new MemoryPictures();
    private final Clock clock;
    private long lastNumber;

    public MemoryArchive(Clock clock) {
        this.clock = clock;
    }

    @Override
    public PictureArchive pictures() {
        return pictures;
    }

    /** Puts a whole conversation in, as if it had been held at that time. */
    public synchronized void put(String title, Instant at, Message... messages) {
        long id = create(title);
        for (Message message : messages) {
            add(id, message);
        }
        stored.get(id).changedAt = at;
    }

    @Override
    public synchronized List<Entry> list() {
        return stored.entrySet().stream()
                .filter(entry -> !entry.getValue().deleted)
                .map(entry -> new Entry(
                        entry.getKey(),
                        entry.getValue().title,
                        entry.getValue().changedAt,
                        entry.getValue().draft,
                        entry.getValue().settings))
                .sorted(Comparator.comparing(Entry::changedAt).reversed())
                .toList();
    }

    @Override
    public synchronized List<Long> search(String text) {
        return stored.entrySet().stream()
                .filter(entry -> !entry.getValue().deleted)
                .filter(entry -> entry.getValue().title.contains(text)
                        || entry.getValue().rows.stream()
                                .anyMatch(row -> row.message().text().contains(text)))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public synchronized long create(String title) {
        Stored fresh = new Stored();
        fresh.title = title;
        fresh.changedAt = clock.instant();
        stored.put(++lastNumber, fresh);
        return lastNumber;
    }

    @Override
    public synchronized void rename(long id, String title) {
        stored.get(id).title = title;
    }

    @Override
    public synchronized void delete(long id) {
        stored.get(id).deleted = true;
    }

    @Override
    public synchronized void restore(long id) {
        stored.get(id).deleted = false;
    }

    @Override
    public synchronized List<Row> messages(long id) {
        return List.copyOf(stored.get(id).rows);
    }

    @Override
    public synchronized long add(long conversation, Message message) {
        Stored its = stored.get(conversation);
        its.rows.add(new Row(++lastNumber, message));
        its.changedAt = clock.instant();
        return lastNumber;
    }

    @Override
    public synchronized void update(long conversation, long row, Message message) {
        stored.get(conversation).rows.replaceAll(old -> old.id() == row ? new Row(row, message) : old);
    }

    @Override
    public synchronized void setAside(long conversation, long fromRow) {
        stored.get(conversation).rows.removeIf(row -> row.id() >= fromRow);
    }

    @Override
    public synchronized void saveDraft(long id, String text) {
        stored.get(id).draft = text;
    }

    @Override
    public synchronized void saveSettings(long id, String words) {
        stored.get(id).settings = Optional.of(words);
    }
}
