package studio.atelier.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.library.ChatFile;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Message;
import studio.atelier.models.store.OpenedGguf;

/** Does what links and double-clicked files ask of the window. Belongs to the FX thread; files are read beside it. */
final class Arrivals {
    private final Wiring wiring;
    private final Supplier<Optional<WindowViews>> views;

    /** @param views those of the window's language, which may change */
    Arrivals(Wiring wiring, Supplier<Optional<WindowViews>> views) {
        this.wiring = wiring;
        this.views = views;
    }

    void open(List<OpenRequest> requests) {
        for (OpenRequest request : requests) {
            switch (request) {
                case OpenRequest.Repository repository ->
                    views.get().ifPresent(shown -> shown.showRepository(repository.id()));
                case OpenRequest.ModelFile model -> open(model);
                case OpenRequest.ChatFile chat -> open(chat);
                case OpenRequest.Unknown unknown -> say(messages().text("open.unknown", unknown.link()));
            }
        }
    }

    private void open(OpenRequest.ModelFile model) {
        say(messages().text("open.reading", String.valueOf(model.file().getFileName())));
        wiring.background.atOnce(
                () -> OpenedGguf.folder(wiring.parts.dataFolder(), model.file()), wiring.models::open, this::tell);
    }

    private void open(OpenRequest.ChatFile chat) {
        wiring.background.atOnce(() -> ChatFile.read(chat.file()), this::add, this::tell);
    }

    private void add(ChatFile file) {
        Conversation conversation =
                wiring.library.begin(file.title().isEmpty() ? messages().text("chat.new") : file.title());
        for (Message message : file.messages()) {
            wiring.library.add(
                    conversation,
                    new Message(
                            wiring.library.newKey(),
                            message.author(),
                            message.text(),
                            message.reasoning(),
                            message.thoughtSeconds(),
                            message.end(),
                            message.statistics(),
                            message.source(),
                            message.picture()));
        }
        views.get().ifPresent(WindowViews::returnToChat);
        wiring.chat.open(conversation);
    }

    private void tell(Exception failure) {
        say(Wiring.wordsOf(failure));
    }

    private void say(String text) {
        views.get().ifPresent(shown -> shown.say(text));
    }

    private Messages messages() {
        return Messages.in(wiring.settings.language());
    }
}
