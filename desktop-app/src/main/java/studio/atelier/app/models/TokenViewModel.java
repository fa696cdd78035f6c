package studio.atelier.app.models;

import java.io.IOException;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.models.hub.HubToken;
import studio.atelier.models.hub.TokenStore;

/** The token that opens gated and private repositories. Belongs to the FX thread. */
public final class TokenViewModel {
    /** Whether a token that the person typed is kept. */
    public sealed interface State {
        record None() implements State {}

        record Kept(Place place) implements State {}

        /** Why it could not be kept or read, one sentence. */
        record Refused(String message) implements State {}
    }

    /** Who keeps it. */
    public enum Place {
        KEYCHAIN,
        SECRET_SERVICE,
        FILE
    }

    private final TokenStore tokens;
    private final Background background;
    private final Rooms rooms;
    private final Runnable changed;
    private final ReadOnlyObjectWrapper<State> state = new ReadOnlyObjectWrapper<>(new State.None());

    /** Runs {@code changed} when the hub is asked with another token from now on. */
    TokenViewModel(TokenStore tokens, Background background, Rooms rooms, Runnable changed) {
        this.tokens = tokens;
        this.background = background;
        this.rooms = rooms;
        this.changed = changed;
    }

    public ReadOnlyObjectProperty<State> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** Looks whether one is kept. */
    public void read() {
        run(() -> {});
    }

    /** Keeps one, and asks the hub with it from now on; downloads go on with it. */
    public void keep(String text) {
        run(() -> {
            try {
                tokens.write(new HubToken(text));
            } catch (IllegalArgumentException e) {
                throw new IOException("This is no token: expected letters and digits without spaces.", e);
            }
            rooms.forget();
        });
    }

    /** Forgets it. */
    public void remove() {
        run(() -> {
            tokens.remove();
            rooms.forget();
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    private void run(Task task) {
        background.inOrder(
                () -> {
                    task.run();
                    return state(tokens.read().isPresent());
                },
                now -> {
                    boolean different = !now.equals(state.get());
                    state.set(now);
                    if (different) {
                        changed.run();
                    }
                },
                failure -> state.set(new State.Refused(ModelsViewModel.words(failure))));
    }

    private State state(boolean kept) {
        if (!kept) {
            return new State.None();
        }
        return new State.Kept(
                switch (tokens) {
                    case TokenStore.Keychain _ -> Place.KEYCHAIN;
                    case TokenStore.SecretService _ -> Place.SECRET_SERVICE;
                    case TokenStore.TokenFile _ -> Place.FILE;
                });
    }
}
