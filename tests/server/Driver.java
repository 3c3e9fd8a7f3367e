// Makes the calls of scenarios through the AWS SDK for Java v2, which speaks CBOR over HTTP/2 with Kinesis. Reads commands as
// lines of JSON and answers likewise; see clients.py.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.retry.RetryPolicy;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;
import software.amazon.awssdk.utils.builder.SdkBuilder;

public final class Driver {
    private static final String MODEL = "software.amazon.awssdk.services.kinesis.model.";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, BlockingQueue<JsonNode>> STREAMS = new HashMap<>();

    /** The SDK cannot be made to send this. */
    private static final class Unsendable extends Exception {
        Unsendable(String why) {
            super(why);
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (KinesisAsyncClient client = KinesisAsyncClient.builder()
                .endpointOverride(URI.create(arguments[0]))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .overrideConfiguration(options -> options.retryPolicy(RetryPolicy.none()))
                .build()) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(JSON.writeValueAsString(run(client, JSON.readTree(line))));
            }
        }
    }

    private static JsonNode run(KinesisAsyncClient client, JsonNode command) throws Exception {
        try {
            if (command.has("events")) return events(command);
            AwsRequest request = request(command);
            if (request instanceof SubscribeToShardRequest) {
                return subscribe(client, (SubscribeToShardRequest) request, command.path("as").asText());
            }
            String call = command.get("call").asText();
            String method = Character.toLowerCase(call.charAt(0)) + call.substring(1);
            Object answer = KinesisAsyncClient.class.getMethod(method, request.getClass()).invoke(client, request);
            SdkResponse response = (SdkResponse) ((CompletableFuture<?>) answer).join();
            ObjectNode body = toJson(response);
            return JSON.createObjectNode().put("status", response.sdkHttpResponse().statusCode()).set("body", body);
        } catch (Unsendable unsendable) {
            return JSON.createObjectNode().put("unsendable", unsendable.getMessage());
        } catch (CompletionException completion) {
            return failure(completion.getCause());
        }
    }

    private static AwsRequest request(JsonNode command) throws Exception {
        String call = command.get("call").asText();
        Class<?> type;
        try {
            type = Class.forName(MODEL + call + "Request");
        } catch (ClassNotFoundException missing) {
            throw new Unsendable("this version of the SDK has no " + call);
        }
        SdkPojo builder = (SdkPojo) type.getMethod("builder").invoke(null);
        fill(builder, command.get("in"));
        AwsBasicCredentials who = AwsBasicCredentials.create(command.get("account").asText(), "test");
        ((AwsRequest.Builder) builder).overrideConfiguration(AwsRequestOverrideConfiguration.builder()
                .credentialsProvider(StaticCredentialsProvider.create(who))
                .build());
        return (AwsRequest) ((SdkBuilder<?, ?>) builder).build();
    }

    private static JsonNode subscribe(KinesisAsyncClient client, SubscribeToShardRequest request, String name)
            throws Exception {
        BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
        CompletableFuture<JsonNode> head = new CompletableFuture<>();
        SubscribeToShardResponseHandler handler = SubscribeToShardResponseHandler.builder()
                .onResponse(response -> {
                    head.complete(JSON.createObjectNode().put("status", 200).set("body", JSON.createObjectNode()));
                })
                .subscriber((SubscribeToShardEventStream event) -> {
                    events.add(JSON.createObjectNode().set("SubscribeToShardEvent", toJson((SdkPojo) event)));
                })
                .onError(error -> {
                    JsonNode failure = failure(error);
                    if (!head.complete(failure)) {
                        JsonNode body = failure.get("body");
                        ObjectNode message = JSON.createObjectNode().put("message", body.path("message").asText());
                        events.add(JSON.createObjectNode().set(body.path("__type").asText(), message));
                        events.add(JSON.getNodeFactory().textNode("end"));
                    }
                })
                .onComplete(() -> events.add(JSON.getNodeFactory().textNode("end")))
                .build();
        client.subscribeToShard(request, handler);
        STREAMS.put(name, events);
        return head.get(20, TimeUnit.SECONDS);
    }

    private static JsonNode events(JsonNode command) throws Exception {
        ArrayNode taken = JSON.createArrayNode();
        BlockingQueue<JsonNode> events = STREAMS.get(command.get("events").asText());
        while (taken.size() < command.get("count").asInt()) {
            JsonNode event = events.poll(10, TimeUnit.SECONDS);
            if (event == null) break;
            taken.add(event);
        }
        return JSON.createObjectNode().set("events", taken);
    }

    private static JsonNode failure(Throwable error) {
        while (error instanceof CompletionException && error.getCause() != null) error = error.getCause();
        if (error instanceof AwsServiceException) {
            AwsServiceException service = (AwsServiceException) error;
            ObjectNode body = JSON.createObjectNode().put("__type", service.awsErrorDetails().errorCode());
            // Java has a text where there is no message.
            if (service.awsErrorDetails().errorMessage() != null) {
                body.put("message", service.awsErrorDetails().errorMessage());
            }
            return JSON.createObjectNode().put("status", service.statusCode()).set("body", body);
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) return JSON.createObjectNode().put("failed", error.toString());
        }
        return JSON.createObjectNode().put("unsendable", error.toString());
    }

    // Members by their names, from JSON and back.

    private static void fill(SdkPojo builder, JsonNode members) throws Unsendable {
        if (!members.isObject()) throw new Unsendable("a structure is expected, not " + members);
        Map<String, JsonNode> left = new LinkedHashMap<>();
        members.fields().forEachRemaining(member -> left.put(member.getKey(), member.getValue()));
        for (SdkField<?> field : builder.sdkFields()) {
            JsonNode value = left.remove(field.locationName());
            if (value != null) field.set(builder, fromJson(field, value));
        }
        if (!left.isEmpty()) throw new Unsendable("this version of the SDK has no " + left.keySet());
    }

    private static Object fromJson(SdkField<?> field, JsonNode value) throws Unsendable {
        if (value.isNull()) return null;
        Class<?> type = field.marshallingType().getTargetClass();
        if (type == String.class && value.isTextual()) return value.asText();
        if (type == Boolean.class && value.isBoolean()) return value.asBoolean();
        if (type == Integer.class && value.canConvertToInt() && value.isInt()) return value.asInt();
        if (type == Long.class && value.isIntegralNumber() && value.canConvertToLong()) return value.asLong();
        if (type == Double.class && value.isNumber()) return value.asDouble();
        if (type == Instant.class && value.isNumber()) return Instant.ofEpochMilli(Math.round(value.asDouble() * 1000));
        if (type == SdkBytes.class && value.isTextual()) {
            try {
                return SdkBytes.fromByteArray(Base64.getDecoder().decode(value.asText()));
            } catch (IllegalArgumentException error) {
                throw new Unsendable("the SDK writes base64 itself");
            }
        }
        if (type == SdkPojo.class) {
            SdkPojo builder = field.constructor().get();
            fill(builder, value);
            return ((SdkBuilder<?, ?>) builder).build();
        }
        if (type == List.class && value.isArray()) {
            List<Object> items = new ArrayList<>();
            for (JsonNode item : value) items.add(fromJson(field.getTrait(ListTrait.class).memberFieldInfo(), item));
            return items;
        }
        if (type == Map.class && value.isObject()) {
            Map<String, Object> entries = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : (Iterable<Map.Entry<String, JsonNode>>) value::fields) {
                entries.put(entry.getKey(), fromJson(field.getTrait(MapTrait.class).valueFieldInfo(), entry.getValue()));
            }
            return entries;
        }
        throw new Unsendable(field.memberName() + " cannot be " + value);
    }

    private static ObjectNode toJson(SdkPojo pojo) {
        ObjectNode members = JSON.createObjectNode();
        for (SdkField<?> field : pojo.sdkFields()) {
            Object value = field.getValueOrDefault(pojo);
            // What the SDK puts in place of what is not there.
            if (value == null || value instanceof SdkAutoConstructList || value instanceof SdkAutoConstructMap) continue;
            members.set(field.locationName(), valueToJson(value));
        }
        return members;
    }

    private static JsonNode valueToJson(Object value) {
        if (value instanceof SdkPojo) return toJson((SdkPojo) value);
        if (value instanceof SdkBytes) {
            return JSON.getNodeFactory().textNode(Base64.getEncoder().encodeToString(((SdkBytes) value).asByteArray()));
        }
        if (value instanceof Instant) {
            long millis = ((Instant) value).toEpochMilli();
            return millis % 1000 == 0
                    ? JSON.getNodeFactory().numberNode(millis / 1000)
                    : JSON.getNodeFactory().numberNode(millis / 1000.0);
        }
        if (value instanceof List) {
            ArrayNode items = JSON.createArrayNode();
            for (Object item : (List<?>) value) items.add(valueToJson(item));
            return items;
        }
        if (value instanceof Map) {
            ObjectNode entries = JSON.createObjectNode();
            ((Map<?, ?>) value).forEach((key, entry) -> entries.set(key.toString(), valueToJson(entry)));
            return entries;
        }
        return JSON.valueToTree(value);
    }
}
