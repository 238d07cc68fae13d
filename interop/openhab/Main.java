import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Reads questions, a line of JSON each, and answers them in the same way; ends with its standard input. */
public final class Main {
    public static void main(String[] given) throws Exception {
        var out = System.out;
        System.setOut(System.err);
        var house = new House(Launcher.start());
        out.println(house.all());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            var answer = new JsonObject();
            try {
                answer = answer(house, JsonParser.parseString(line).getAsJsonObject());
            } catch (Exception error) {
                answer.addProperty("error", error.toString());
            }
            out.println(answer);
        }
        System.exit(0);
    }

    private static JsonObject answer(House house, JsonObject asked) throws Exception {
        switch (text(asked, "ask")) {
            case "approve" -> house.approve(text(asked, "thing"), asked.has("label") ? text(asked, "label") : null);
            case "link" -> house.link(text(asked, "type"), text(asked, "item"), text(asked, "channel"));
            case "command" -> house.command(text(asked, "item"), text(asked, "command"));
            case "all" -> {
                return house.all();
            }
            default -> throw new IllegalArgumentException("no such question: " + asked);
        }
        return new JsonObject();
    }

    private static String text(JsonObject asked, String key) {
        return asked.get(key).getAsString();
    }
}
