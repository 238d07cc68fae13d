import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Locale;
import org.openhab.core.OpenHAB;
import org.openhab.core.config.discovery.inbox.Inbox;
import org.openhab.core.events.EventPublisher;
import org.openhab.core.items.Item;
import org.openhab.core.items.ItemBuilderFactory;
import org.openhab.core.items.ItemRegistry;
import org.openhab.core.items.events.ItemEventFactory;
import org.openhab.core.service.ReadyMarker;
import org.openhab.core.service.ReadyService;
import org.openhab.core.thing.Channel;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingRegistry;
import org.openhab.core.thing.ThingUID;
import org.openhab.core.thing.link.ItemChannelLink;
import org.openhab.core.thing.link.ItemChannelLinkRegistry;
import org.openhab.core.types.TypeParser;

/** What openHAB knows, as JSON, and what can be done with it. */
final class House {
    private final ThingRegistry things;
    private final ItemRegistry items;
    private final ItemBuilderFactory builders;
    private final ItemChannelLinkRegistry links;
    private final Inbox inbox;
    private final EventPublisher events;

    House(Launcher launcher) throws InterruptedException {
        things = launcher.service(ThingRegistry.class);
        items = launcher.service(ItemRegistry.class);
        builders = launcher.service(ItemBuilderFactory.class);
        links = launcher.service(ItemChannelLinkRegistry.class);
        inbox = launcher.service(Inbox.class);
        events = launcher.service(EventPublisher.class);
        var ready = launcher.service(ReadyService.class);
        for (var level : new String[] { "10", "20", "30", "40", "50", "70", "80", "100" }) {
            ready.markReady(new ReadyMarker("startlevel", level));
        }
    }

    /** Everything there is now. */
    JsonObject all() {
        var found = new JsonObject();
        found.addProperty("version", OpenHAB.getVersion());
        found.add("things", list(things.getAll(), House::thing));
        found.add("items", list(items.getAll(), this::item));
        found.add("inbox", list(inbox.getAll(), result -> {
            var one = new JsonObject();
            one.addProperty("uid", result.getThingUID().getAsString());
            one.addProperty("label", result.getLabel());
            one.addProperty("bridge", String.valueOf(result.getBridgeUID()));
            return one;
        }));
        return found;
    }

    /** Makes a thing of what was discovered, with the label that it has or another one. */
    void approve(String uid, String label) {
        inbox.approve(new ThingUID(uid), label, null);
    }

    /** An item for a channel, as a person would make it in the user interface. */
    void link(String type, String name, String channel) {
        items.add(builders.newItemBuilder(type, name).build());
        links.add(new ItemChannelLink(name, new ChannelUID(channel)));
    }

    /** A command as every user interface and every rule gives it. */
    void command(String name, String text) throws Exception {
        var item = items.getItem(name);
        var command = TypeParser.parseCommand(item.getAcceptedCommandTypes(), text);
        if (command == null) {
            throw new IllegalArgumentException(name + " takes no " + text);
        }
        events.post(ItemEventFactory.createCommandEvent(name, command));
    }

    private static JsonObject thing(Thing thing) {
        var one = new JsonObject();
        one.addProperty("uid", thing.getUID().getAsString());
        one.addProperty("label", thing.getLabel());
        one.addProperty("status", thing.getStatus().name());
        one.addProperty("detail", thing.getStatusInfo().getStatusDetail() + " " + thing.getStatusInfo().getDescription());
        one.add("channels", list(thing.getChannels(), House::channel));
        return one;
    }

    private static JsonObject channel(Channel channel) {
        var one = new JsonObject();
        one.addProperty("uid", channel.getUID().getAsString());
        one.addProperty("kind", channel.getKind().name().toLowerCase(Locale.ROOT));
        one.addProperty("type", String.valueOf(channel.getChannelTypeUID()));
        one.addProperty("item", channel.getAcceptedItemType());
        one.addProperty("label", channel.getLabel());
        return one;
    }

    private JsonObject item(Item item) {
        var one = new JsonObject();
        one.addProperty("name", item.getName());
        one.addProperty("type", item.getType());
        one.addProperty("label", item.getLabel());
        one.addProperty("state", item.getState().toString());
        one.add("channels", list(links.getBoundChannels(item.getName()), uid -> {
            var bound = new JsonObject();
            bound.addProperty("uid", uid.getAsString());
            return bound;
        }));
        return one;
    }

    private interface Shown<T> {
        JsonObject of(T one);
    }

    private static <T> JsonArray list(Iterable<? extends T> all, Shown<T> shown) {
        var array = new JsonArray();
        all.forEach(one -> array.add(shown.of(one)));
        return array;
    }
}
