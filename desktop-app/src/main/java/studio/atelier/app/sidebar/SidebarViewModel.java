package studio.atelier.app.sidebar;

import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ListChangeListener;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Library;

/** Which conversations are listed, under which headings, and which of them is chosen. Belongs to the FX thread. */
public final class SidebarViewModel {
    private static final int DAYS_OF_A_WEEK = 7;

    private final Library library;
    private final Clock clock;
    private final StringProperty query = new SimpleStringProperty("");
    private final ObservableList<SidebarRow> rows = FXCollections.observableArrayList();
    private final ObservableList<SidebarRow> rowsToRead = FXCollections.unmodifiableObservableList(rows);
    private final ObjectProperty<@Nullable Conversation> selected = new SimpleObjectProperty<>();
    private final ReadOnlyObjectWrapper<@Nullable Conversation> renaming = new ReadOnlyObjectWrapper<>();
    private Consumer<Conversation> deleted = _ -> {};
    private Runnable chosen = () -> {};
    private long lastSearch;

    public SidebarViewModel(Library library, Clock clock) {
        this.library = library;
        this.clock = clock;
        library.conversations().addListener((ListChangeListener<Conversation>) _ -> refresh());
        query.subscribe(_ -> refresh());
    }

    /** What is searched for; empty lists everything. */
    public StringProperty queryProperty() {
        return query;
    }

    /** The lines from top to bottom. */
    public ObservableList<SidebarRow> rows() {
        return rowsToRead;
    }

    /** The conversation on the screen; null for a new one. Whoever shows conversations sets it too. */
    public ObjectProperty<@Nullable Conversation> selectedProperty() {
        return selected;
    }

    /** The conversation whose title is being written, if any. */
    public ReadOnlyObjectProperty<@Nullable Conversation> renamingProperty() {
        return renaming.getReadOnlyProperty();
    }

    /** Says who is told that a conversation was deleted, so that it can be brought back. */
    public void whenDeleted(Consumer<Conversation> told) {
        deleted = told;
    }

    /** Says who is told that the person chose a conversation, also when it was the chosen one before. */
    public void whenChosen(Runnable told) {
        chosen = told;
    }

    /** Chooses a conversation. */
    public void choose(Conversation conversation) {
        selected.set(conversation);
        chosen.run();
    }

    /** Chooses the listed conversation at this place, counted from 0 without the headings. */
    public void jumpTo(int place) {
        List<Conversation> listed = listed();
        if (place < listed.size()) {
            choose(listed.get(place));
        }
    }

    /** Chooses the conversation so many lines further down, or up when negative. */
    public void step(int lines) {
        List<Conversation> listed = listed();
        Conversation here = selected.get();
        int place = here == null ? -1 : listed.indexOf(here);
        int next = Math.clamp((long) place + lines, 0, Math.max(0, listed.size() - 1));
        jumpTo(next);
    }

    /** Lets the person write a title. */
    public void startRenaming(Conversation conversation) {
        renaming.set(conversation);
    }

    /** Takes the title over; blank leaves the old one. */
    public void finishRenaming(String title) {
        Conversation its = renaming.get();
        renaming.set(null);
        if (its != null
                && !title.isBlank()
                && !title.strip().equals(its.titleProperty().get())) {
            library.rename(its, title.strip());
        }
    }

    /** Leaves the title as it was. */
    public void cancelRenaming() {
        renaming.set(null);
    }

    /** Deletes a conversation; {@link #restore} brings it back. */
    public void delete(Conversation conversation) {
        if (conversation == selected.get()) {
            selected.set(null);
        }
        library.delete(conversation);
        deleted.accept(conversation);
    }

    public void restore(Conversation conversation) {
        library.restore(conversation);
    }

    private List<Conversation> listed() {
        return rows.stream()
                .flatMap(row -> row instanceof SidebarRow.Chat chat
                        ? Optional.of(chat.conversation()).stream()
                        : Optional.<Conversation>empty().stream())
                .toList();
    }

    private void refresh() {
        String wanted = query.get().strip();
        long mine = ++lastSearch;
        if (wanted.isEmpty()) {
            rows.setAll(byDay());
            return;
        }
        library.search(wanted, found -> {
            // An answer to what was typed before would flicker over the newer one.
            if (mine == lastSearch) {
                List<SidebarRow> lines = new ArrayList<>();
                if (!found.isEmpty()) {
                    lines.add(new SidebarRow.Section("sidebar.found"));
                }
                found.forEach(conversation -> lines.add(new SidebarRow.Chat(conversation)));
                rows.setAll(lines);
            }
        });
    }

    private List<SidebarRow> byDay() {
        LocalDate today = LocalDate.now(clock);
        List<SidebarRow> lines = new ArrayList<>();
        String section = "";
        for (Conversation conversation : library.conversations()) {
            String its = sectionOf(conversation, today);
            if (!its.equals(section)) {
                lines.add(new SidebarRow.Section(its));
                section = its;
            }
            lines.add(new SidebarRow.Chat(conversation));
        }
        return lines;
    }

    private String sectionOf(Conversation conversation, LocalDate today) {
        LocalDate day = LocalDate.ofInstant(conversation.changedAt(), clock.getZone());
        if (!day.isBefore(today)) {
            return "sidebar.today";
        }
        if (day.equals(today.minusDays(1))) {
            return "sidebar.yesterday";
        }
        return day.isAfter(today.minusDays(DAYS_OF_A_WEEK)) ? "sidebar.week" : "sidebar.earlier";
    }
}
