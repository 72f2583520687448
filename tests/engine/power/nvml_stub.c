/* A small NVML for tests: the functions that Ponder calls through pynvml, answered from a file.

   The file named by PONDER_NVML_STUB is read at every call, one "key value" a line:
     init 9                  what nvmlInit returns
     devices 2               driver 580.1
     0.name Some GPU         0.power 81000     0.instant 83000    (milliwatts)
     0.energy 5000           (millijoules)     0.temperature 41   0.busy 7 (percent)
     0.used 1000 0.total 2000 (bytes)          0.lost 1           (fallen off the bus)
     0.limit 450000          (milliwatts)
   A value that is missing is not supported. Structures and numbers follow nvml.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, GPU_IS_LOST = 15 };

typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef union {
  double d;
  unsigned int ui;
  unsigned long long ull;
} value_t;
typedef struct {
  unsigned int field, scope;
  long long timestamp, latency;
  int type, result;
  value_t value;
} field_value_t;
typedef struct { int index; } device_t;

static device_t devices[8] = {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};

static int lookup(const char *key, char *value, size_t size) {
  const char *path = getenv("PONDER_NVML_STUB");
  FILE *file = path ? fopen(path, "r") : NULL;
  char line[256];
  int found = 0;
  if (!file) return 0;
  while (!found && fgets(line, sizeof line, file)) {
    size_t length = strlen(key);
    if (strncmp(line, key, length) == 0 && line[length] == ' ') {
      line[strcspn(line, "\n")] = 0;
      snprintf(value, size, "%s", line + length + 1);
      found = 1;
    }
  }
  fclose(file);
  return found;
}

static int text(device_t *device, const char *field, char *value, size_t size) {
  char key[64], ignored[8];
  snprintf(key, sizeof key, "%d.lost", device->index);
  if (lookup(key, ignored, sizeof ignored)) return GPU_IS_LOST;
  snprintf(key, sizeof key, "%d.%s", device->index, field);
  return lookup(key, value, size) ? SUCCESS : NOT_SUPPORTED;
}

static int number(device_t *device, const char *field, unsigned long long *value) {
  char read[64];
  int result = text(device, field, read, sizeof read);
  if (result == SUCCESS) *value = strtoull(read, NULL, 10);
  return result;
}

static int small_number(device_t *device, const char *field, unsigned int *value) {
  unsigned long long wide;
  int result = number(device, field, &wide);
  if (result == SUCCESS) *value = (unsigned int)wide;
  return result;
}

int nvmlInitWithFlags(unsigned int flags) {
  char value[16];
  (void)flags;
  return lookup("init", value, sizeof value) ? atoi(value) : SUCCESS;
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int result) {
  (void)result;
  return "stub";
}

int nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  return lookup("driver", version, length) ? SUCCESS : NOT_SUPPORTED;
}

int nvmlDeviceGetEnforcedPowerLimit(device_t *device, unsigned int *milliwatts) {
  return small_number(device, "limit", milliwatts);
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
  char value[16];
  *count = lookup("devices", value, sizeof value) ? (unsigned int)atoi(value) : 0;
  return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device_t **device) {
  if (index >= 8) return INVALID_ARGUMENT;
  *device = &devices[index];
  return SUCCESS;
}

int nvmlDeviceGetName(device_t *device, char *name, unsigned int length) {
  return text(device, "name", name, length);
}

int nvmlDeviceGetPowerUsage(device_t *device, unsigned int *milliwatts) {
  return small_number(device, "power", milliwatts);
}

int nvmlDeviceGetTotalEnergyConsumption(device_t *device, unsigned long long *millijoules) {
  return number(device, "energy", millijoules);
}

int nvmlDeviceGetTemperature(device_t *device, int sensor, unsigned int *celsius) {
  if (sensor != 0) return INVALID_ARGUMENT;
  return small_number(device, "temperature", celsius);
}

int nvmlDeviceGetUtilizationRates(device_t *device, utilization_t *rates) {
  rates->memory = 0;
  return small_number(device, "busy", &rates->gpu);
}

int nvmlDeviceGetMemoryInfo(device_t *device, memory_t *memory) {
  int result = number(device, "used", &memory->used);
  if (result == SUCCESS) result = number(device, "total", &memory->total);
  if (result == SUCCESS) memory->free = memory->total - memory->used;
  return result;
}

#ifndef OLD_DRIVER /* drivers before the field values have no such function */
int nvmlDeviceGetFieldValues(device_t *device, int count, field_value_t *values) {
  for (int i = 0; i < count; i++) {
    values[i].type = 1; /* unsigned int */
    values[i].result = NOT_SUPPORTED;
    if (values[i].field == 186 && values[i].scope == 0) /* NVML_FI_DEV_POWER_INSTANT */
      values[i].result = small_number(device, "instant", &values[i].value.ui);
    if (values[i].result == GPU_IS_LOST) return GPU_IS_LOST;
  }
  return SUCCESS;
}
#endif
