package io.sampo.multijvm.official.driver;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;

/**
 * Settings of official clients by name. By reflection, because some are only in one version, and
 * the types of others are in another package in each.
 */
final class ClientSettings {
  private ClientSettings() {}

  static void apply(Map<String, String> settings, Object client)
      throws ReflectiveOperationException {
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      set(client, setting.getKey(), setting.getValue());
    }
  }

  static void set(Object client, String name, String value) throws ReflectiveOperationException {
    String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    for (Method method : client.getClass().getMethods()) {
      if (method.getName().equals(setter) && method.getParameterCount() == 1) {
        method.invoke(client, read(value, method.getParameterTypes()[0]));
        return;
      }
    }
    throw new NoSuchMethodException(client.getClass() + " has no " + setter);
  }

  private static Object read(String value, Class<?> type) {
    if (type == int.class) {
      return Integer.valueOf(value);
    } else if (type == long.class) {
      return Long.valueOf(value);
    } else if (type == boolean.class) {
      return Boolean.valueOf(value);
    } else if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> ((Enum<?>) constant).name().equals(value))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(type + " has no " + value));
    }
    return value;
  }
}
